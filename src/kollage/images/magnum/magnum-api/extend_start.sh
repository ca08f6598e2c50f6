#!/bin/bash
# Sourced as magnum. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    magnum-db-manage upgrade
    exit 0
fi
