#!/bin/bash -e
id=$(ceph osd new 7d9a3b1e-6f0c-4f52-9b55-0d6a8f4f2c12)
install -d -o ceph -g ceph "/var/lib/ceph/osd/ceph-$id"
ceph-osd --mkfs -i "$id" --osd-uuid 7d9a3b1e-6f0c-4f52-9b55-0d6a8f4f2c12 --setuser ceph --setgroup ceph
exec ceph-osd -f -i "$id" --setuser ceph --setgroup ceph
