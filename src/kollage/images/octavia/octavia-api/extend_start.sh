#!/bin/bash
# Sourced as root. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u octavia octavia-db-manage upgrade head
    sudo -H -u octavia octavia-db-manage upgrade_persistence
    exit 0
fi
