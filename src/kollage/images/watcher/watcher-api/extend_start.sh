#!/bin/bash
# Sourced as watcher. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    watcher-db-manage --config-file /etc/watcher/watcher.conf upgrade
    exit 0
fi
