#!/bin/bash
# Sourced as solum. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    solum-db-manage upgrade head
    exit 0
fi
