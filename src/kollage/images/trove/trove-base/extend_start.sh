#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/trove ]] || install -d -m 2775 -o trove -g kolla /var/log/kolla/trove

if [[ -f /usr/local/bin/kolla_trove_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_trove_extend_start
fi
