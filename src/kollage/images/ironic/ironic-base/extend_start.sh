#!/bin/bash
# Sourced by kolla_start. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/ironic ]] || install -d -m 2775 -o ironic -g kolla /var/log/kolla/ironic

# A volume that the conductor and the exporter share.
sudo install -d -m 2775 -o ironic -g ironic /var/lib/ironic-metrics

if [[ -f /usr/local/bin/kolla_ironic_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_ironic_extend_start
fi
