#!/bin/bash
# start-sb-db-server [OPTION OF ovn-ctl]...: becomes the server; ovn-ctl makes the database or converts it before.
exec /usr/share/ovn/scripts/ovn-ctl --no-monitor "$@" run_sb_ovsdb
