#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
trove-manage db_sync
exec trove-taskmanager --config-file=/etc/trove/trove.conf
