#!/bin/bash
# Sourced as root. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u masakari masakari-manage db sync
    exit 0
fi
