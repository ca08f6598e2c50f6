#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/cloudkitty ]] || install -d -m 2775 -o cloudkitty -g kolla /var/log/kolla/cloudkitty

if [[ -f /usr/local/bin/kolla_cloudkitty_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_cloudkitty_extend_start
fi
