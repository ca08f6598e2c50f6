#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/zun ]] || install -d -m 2775 -o zun -g kolla /var/log/kolla/zun

if [[ -f /usr/local/bin/kolla_zun_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_zun_extend_start
fi
