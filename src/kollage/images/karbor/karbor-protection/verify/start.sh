#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
karbor-manage db sync
exec karbor-protection --config-file /etc/karbor/karbor.conf
