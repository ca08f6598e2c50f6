#!/bin/bash
# Sourced by kolla_start as root: bring the keys of the other nodes here, then make them readable for keystone.

fernet_sync=/usr/bin/fernet-node-sync.sh
fernet_keys=/etc/keystone/fernet-keys

# Delivered by the configuration, not by the image.
if [[ -f $fernet_sync ]]; then
    "$fernet_sync"
fi

if [[ -d $fernet_keys && $(stat -c %U:%G "$fernet_keys") != keystone:keystone ]]; then
    chown keystone:keystone "$fernet_keys"
fi
