#!/bin/bash
# start-nb-db-server [OPTION OF ovn-ctl]...: becomes the server; ovn-ctl makes the database or converts it before.
exec /usr/share/ovn/scripts/ovn-ctl --no-monitor "$@" run_nb_ovsdb
