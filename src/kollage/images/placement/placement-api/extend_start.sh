#!/bin/bash
# Sourced as root. A trigger counts as given when it is set, even if empty.

placement_manage() {
    sudo -H -u placement placement-manage db "$@"
}

if [[ -v KOLLA_BOOTSTRAP ]]; then
    placement_manage sync
    placement_manage online_data_migrations
    exit 0
fi

if [[ -v KOLLA_UPGRADE ]]; then
    placement_manage sync
    exit 0
fi

if [[ -v KOLLA_OSM ]]; then
    placement_manage online_data_migrations
    exit 0
fi
