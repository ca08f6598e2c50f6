#!/bin/sh
# A deployment has a disk and its rings made before; here a folder is the disk.
set -eu
mkdir -p /srv/node/disk
exec swift-account-server /etc/swift/account-server.conf --verbose
