#!/bin/sh
# A deployment brings its rings; here each has the one folder that is the disk of the servers beside.
set -eu
cd /etc/swift
for ring in account:6202 container:6201 object:6200; do
    name=${ring%:*}.builder
    swift-ring-builder "$name" create 1 1 1
    swift-ring-builder "$name" add "r1z1-127.0.0.1:${ring#*:}/disk" 1
    swift-ring-builder "$name" rebalance 1
done
exec swift-object-expirer /etc/swift/object-expirer.conf --verbose > /var/lib/swift/expirer.log 2>&1
