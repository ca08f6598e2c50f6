#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/panko ]] || install -d -m 2775 -o panko -g kolla /var/log/kolla/panko

if [[ -f /usr/local/bin/kolla_panko_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_panko_extend_start
fi
