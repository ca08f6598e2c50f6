#!/bin/bash
# Sourced as root. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u mistral mistral-db-manage --config-file /etc/mistral/mistral.conf upgrade head
    sudo -H -u mistral mistral-db-manage --config-file /etc/mistral/mistral.conf populate
    exit 0
fi
