#!/bin/bash
# Sourced as freezer. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    freezer-manage --config-file /etc/freezer/freezer-api.conf db sync
    exit 0
fi
