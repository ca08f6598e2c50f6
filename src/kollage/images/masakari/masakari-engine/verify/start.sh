#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
masakari-manage db sync
exec masakari-engine --config-file /etc/masakari/masakari.conf
