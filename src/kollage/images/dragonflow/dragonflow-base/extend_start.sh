#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/dragonflow ]] || install -d -m 2775 -o dragonflow -g kolla /var/log/kolla/dragonflow

if [[ -f /usr/local/bin/kolla_dragonflow_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_dragonflow_extend_start
fi
