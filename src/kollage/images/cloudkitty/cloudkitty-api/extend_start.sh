#!/bin/bash
# Sourced as root. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u cloudkitty cloudkitty-dbsync upgrade
    sudo -H -u cloudkitty cloudkitty-storage-init
    exit 0
fi
