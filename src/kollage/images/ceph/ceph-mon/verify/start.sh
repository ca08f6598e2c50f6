#!/bin/bash -e
install -d -o ceph -g ceph /var/lib/ceph/mon/ceph-verify
ceph-mon --mkfs -i verify --setuser ceph --setgroup ceph
exec ceph-mon -f -i verify --setuser ceph --setgroup ceph
