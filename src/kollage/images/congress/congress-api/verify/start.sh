#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
congress-db-manage --config-file /etc/congress/congress.conf upgrade head
exec congress-server --api --config-file /etc/congress/congress.conf
