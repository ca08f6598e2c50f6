#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
cloudkitty-dbsync upgrade
cloudkitty-storage-init
exec cloudkitty-processor --config-file /etc/cloudkitty/cloudkitty.conf
