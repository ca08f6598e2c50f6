#!/bin/bash
# Sourced by kolla_start as proxysql.

if [[ ! -d /var/log/kolla/proxysql ]]; then
    install -d -m 2775 -g kolla /var/log/kolla/proxysql
fi

# That of a container before this one, whose data this one has.
rm -f /var/lib/proxysql/proxysql.pid

kolla_proxysql_config_sync
