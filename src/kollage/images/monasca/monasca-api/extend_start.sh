#!/bin/bash
# Sourced as monasca. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    monasca_db upgrade
    exit 0
fi
