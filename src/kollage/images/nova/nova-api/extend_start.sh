#!/bin/bash
# Sourced as root. A trigger counts as given when it is set, even if empty.

as_nova() {
    sudo -H -u nova "$@"
}

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE ]]; then
    as_nova nova-manage api_db sync
    as_nova nova-manage db sync --local_cell
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_OSM ]]; then
    as_nova nova-manage db online_data_migrations
fi

if [[ -v KOLLA_UPGRADE_CHECK ]]; then
    as_nova nova-status upgrade check
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE || -v KOLLA_OSM || -v KOLLA_UPGRADE_CHECK ]]; then
    exit 0
fi
