#!/bin/bash -e
install -d -o ceph -g ceph /var/lib/ceph/mon/ceph-tests
ceph-mon --mkfs -i tests --setuser ceph --setgroup ceph
exec ceph-mon -f -i tests --setuser ceph --setgroup ceph
