#!/bin/bash
# Sourced by kolla_start as swift. The disks of the host are its own from the first start on.

[[ -d /var/log/kolla/swift ]] || install -d -m 2775 -g kolla /var/log/kolla/swift

for disk in /srv/node/*; do
    [[ ! -d $disk || -O $disk ]] || sudo chown swift:swift "$disk"
done
