#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
gnocchi-upgrade
exec gnocchi-metricd --log-file /var/log/kolla/gnocchi/gnocchi-metricd.log
