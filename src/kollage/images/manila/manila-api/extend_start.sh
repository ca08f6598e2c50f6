#!/bin/bash
# Sourced as manila. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    manila-manage db sync
    exit 0
fi
