#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
designate-manage database sync
exec designate-sink --config-file /etc/designate/designate.conf
