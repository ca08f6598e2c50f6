#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/almanach ]] || install -d -m 2775 -o almanach -g kolla /var/log/kolla/almanach

if [[ -f /usr/local/bin/kolla_almanach_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_almanach_extend_start
fi
