#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
magnum-db-manage upgrade
exec magnum-conductor --config-file /etc/magnum/magnum.conf
