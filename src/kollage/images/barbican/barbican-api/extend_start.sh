#!/bin/bash
# Sourced as barbican. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    barbican-db-manage upgrade
    exit 0
fi
