#!/bin/sh
# A deployment has a disk and its rings made before; here a folder is the disk.
set -eu
mkdir -p /srv/node/disk
exec swift-container-server /etc/swift/container-server.conf --verbose
