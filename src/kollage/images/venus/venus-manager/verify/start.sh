#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
venus_manager --config-file /etc/venus/venus.conf db sync
exec venus_manager --config-file /etc/venus/venus.conf task start
