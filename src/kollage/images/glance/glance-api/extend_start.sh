#!/bin/bash
# Sourced as glance. A trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    glance-manage db_sync
    glance-manage db_load_metadefs
    exit 0
fi

if [[ -v KOLLA_UPGRADE ]]; then
    [[ ! -v GLANCE_DB_EXPAND ]] || glance-manage db expand
    [[ ! -v GLANCE_DB_MIGRATE ]] || glance-manage db migrate
    [[ ! -v GLANCE_DB_CONTRACT ]] || glance-manage db contract
    exit 0
fi
