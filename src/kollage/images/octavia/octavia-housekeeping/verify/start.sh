#!/bin/sh
# A deployment has its database made by octavia-api.
set -eu
octavia-db-manage upgrade head
exec octavia-housekeeping --config-file /etc/octavia/octavia.conf
