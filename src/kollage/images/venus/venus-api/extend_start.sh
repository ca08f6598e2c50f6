#!/bin/bash
# Sourced as venus. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    venus_manager --config-file /etc/venus/venus.conf db sync
    exit 0
fi
