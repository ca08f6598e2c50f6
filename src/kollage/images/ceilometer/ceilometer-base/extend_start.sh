#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/ceilometer ]] || install -d -m 2775 -o ceilometer -g kolla /var/log/kolla/ceilometer

if [[ -f /usr/local/bin/kolla_ceilometer_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_ceilometer_extend_start
fi
