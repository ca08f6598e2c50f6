#!/bin/bash
# Sourced by kolla_extend_start as root: the database is made at the first start, and converted where its form is old.

openvswitch_log ovsdb-server.log
openvswitch_db=/var/lib/openvswitch/conf.db
mkdir -p /run/openvswitch "${openvswitch_db%/*}"
if [[ ! -e $openvswitch_db ]]; then
    ovsdb-tool create "$openvswitch_db"
elif [[ $(ovsdb-tool needs-conversion "$openvswitch_db") == yes ]]; then
    ovsdb-tool convert "$openvswitch_db"
fi
