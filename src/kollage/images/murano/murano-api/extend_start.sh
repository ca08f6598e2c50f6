#!/bin/bash
# Sourced as murano. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    murano-db-manage upgrade
    exit 0
fi
