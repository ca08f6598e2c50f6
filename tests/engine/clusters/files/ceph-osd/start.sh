#!/bin/bash -e
# The disk of a storage daemon is a file here, in a volume: made once, and found again.
disk=/var/lib/ceph/osd/ceph-0
uuid=7d9a3b1e-6f0c-4f52-9b55-0d6a8f4f2c12
if [[ ! -e $$disk/block ]]; then
    ceph osd new $$uuid 0
    install -d -o ceph -g ceph $$disk
    ceph-osd --mkfs -i 0 --osd-uuid $$uuid --setuser ceph --setgroup ceph
fi
exec ceph-osd -f -i 0 --setuser ceph --setgroup ceph
