#!/bin/bash
# Sourced as ironic-inspector. The trigger counts as given when it is set, even if empty.

[[ -d /var/log/kolla/ironic-inspector ]] || install -d -m 2775 -g kolla /var/log/kolla/ironic-inspector

if [[ -v KOLLA_BOOTSTRAP ]]; then
    ironic-inspector-dbsync --config-file /etc/ironic-inspector/inspector.conf upgrade
    exit 0
fi
