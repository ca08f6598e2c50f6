#!/bin/sh
# A deployment has its databases made by nova-api and nova-conductor.
set -eu
nova-manage api_db sync
nova-manage db sync --local_cell
nova-manage cell_v2 map_cell0 --database_connection mysql+pymysql://root:verify@127.0.0.1:3306/nova_cell
exec nova-scheduler
