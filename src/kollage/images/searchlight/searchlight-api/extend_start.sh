#!/bin/bash
# Sourced as searchlight. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    searchlight-manage index sync --force
    exit 0
fi
