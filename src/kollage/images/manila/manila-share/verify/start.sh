#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
manila-manage db sync
exec manila-share --config-file /etc/manila/manila.conf
