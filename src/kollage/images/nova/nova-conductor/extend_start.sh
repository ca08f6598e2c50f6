#!/bin/bash
# Sourced as nova. A trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE ]]; then
    nova-manage db sync --local_cell
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_OSM ]]; then
    nova-manage db online_data_migrations
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE || -v KOLLA_OSM ]]; then
    exit 0
fi
