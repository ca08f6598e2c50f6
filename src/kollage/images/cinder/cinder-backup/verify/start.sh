#!/bin/sh
# A deployment has its database made by cinder-api.
set -eu
cinder-manage db sync
exec cinder-backup --config-file /etc/cinder/cinder.conf
