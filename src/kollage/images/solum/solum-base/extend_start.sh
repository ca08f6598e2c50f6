#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/solum ]] || install -d -m 2775 -o solum -g kolla /var/log/kolla/solum

if [[ -f /usr/local/bin/kolla_solum_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_solum_extend_start
fi
