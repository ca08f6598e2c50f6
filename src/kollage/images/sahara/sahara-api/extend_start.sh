#!/bin/bash
# Sourced as sahara. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sahara-db-manage --config-file /etc/sahara/sahara.conf upgrade head
    exit 0
fi
