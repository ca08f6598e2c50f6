#!/bin/bash
# Sourced as root. A trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE ]]; then
    sudo -H -u ironic ironic-dbsync upgrade
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_OSM ]]; then
    sudo -H -u ironic ironic-dbsync online_data_migrations
fi

if [[ -v KOLLA_BOOTSTRAP || -v KOLLA_UPGRADE || -v KOLLA_OSM ]]; then
    exit 0
fi
