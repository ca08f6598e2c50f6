#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/cyborg ]] || install -d -m 2775 -o cyborg -g kolla /var/log/kolla/cyborg

if [[ -f /usr/local/bin/kolla_cyborg_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_cyborg_extend_start
fi
