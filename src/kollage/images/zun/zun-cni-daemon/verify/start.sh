#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
zun-db-manage upgrade
exec zun-cni-daemon --config-file /etc/zun/zun.conf
