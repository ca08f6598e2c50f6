#!/bin/sh
# A deployment has the workers behind the API in a container of their own; agents that are verified need both.
set -eu
neutron-rpc-server --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini &
exec uwsgi /etc/neutron/neutron-server-uwsgi.ini
