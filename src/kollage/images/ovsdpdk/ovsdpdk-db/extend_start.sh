#!/bin/bash
# Sourced by kolla_extend_start as root: the database is made at the first start.
if [[ ! -e /var/lib/openvswitch/conf.db ]]; then
    mkdir -p /var/lib/openvswitch
    ovsdb-tool create /var/lib/openvswitch/conf.db
fi
