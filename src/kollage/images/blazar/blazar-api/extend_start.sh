#!/bin/bash
# Sourced as blazar. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    blazar-db-manage --config-file /etc/blazar/blazar.conf upgrade head
    exit 0
fi
