#!/bin/bash
# start-ovsdb-server ADDRESS [BRIDGE INTERFACE]: becomes the database server, which listens on ADDRESS, too.
# A BRIDGE is made before, with the INTERFACE of the host in it.

database=/var/lib/openvswitch/conf.db
remote=punix:/run/openvswitch/db.sock

if [[ -n ${2-} && -n ${3-} ]]; then
    /usr/sbin/ovsdb-server "$database" --remote="$remote" \
        --run="ovs-vsctl --no-wait -- --may-exist add-br $2 -- --may-exist add-port $2 $3"
fi
exec /usr/sbin/ovsdb-server "$database" -vconsole:emer -vsyslog:err -vfile:info --remote="$remote" \
    --remote="ptcp:6640:$1" --log-file=/var/log/kolla/openvswitch/ovsdb-server.log
