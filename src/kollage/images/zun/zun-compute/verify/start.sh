#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
zun-db-manage --config-file=/etc/zun/zun.conf upgrade
exec zun-compute --config-file=/etc/zun/zun.conf
