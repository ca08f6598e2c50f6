#!/bin/bash
# Sourced as root. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u zaqar zaqar-sql-db-manage upgrade head
    exit 0
fi
