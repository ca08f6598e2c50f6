#!/bin/bash
# Sourced as senlin. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    senlin-manage db_sync
    exit 0
fi
