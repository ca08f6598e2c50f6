#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/glance ]] || install -d -m 2775 -o glance -g kolla /var/log/kolla/glance

if [[ -f /usr/local/bin/kolla_glance_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_glance_extend_start
fi
