#!/bin/bash
# Sourced as root. A trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u cinder cinder-manage db sync
    exit 0
fi

if [[ -v KOLLA_OSM ]]; then
    sudo -H -u cinder cinder-manage db online_data_migrations
    exit 0
fi
