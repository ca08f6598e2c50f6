#!/bin/sh
# A deployment has its database made by ironic-api.
set -eu
ironic-dbsync upgrade
exec ironic-conductor
