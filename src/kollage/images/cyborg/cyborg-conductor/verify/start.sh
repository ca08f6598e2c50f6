#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
cyborg-dbsync upgrade
exec cyborg-conductor --config-file /etc/cyborg/cyborg.conf
