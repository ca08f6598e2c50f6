#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
blazar-db-manage --config-file /etc/blazar/blazar.conf upgrade head
exec blazar-manager --config-file /etc/blazar/blazar.conf
