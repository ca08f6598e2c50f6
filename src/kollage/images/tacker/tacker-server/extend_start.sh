#!/bin/bash
# Sourced as tacker. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    tacker-db-manage --config-file /etc/tacker/tacker.conf upgrade head
    exit 0
fi
