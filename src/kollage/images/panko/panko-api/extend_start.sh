#!/bin/bash
# Sourced as panko. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    panko-dbsync
    exit 0
fi
