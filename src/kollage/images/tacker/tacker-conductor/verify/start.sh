#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
tacker-db-manage --config-file /etc/tacker/tacker.conf upgrade head
exec tacker-conductor --config-file /etc/tacker/tacker.conf
