#!/bin/bash
# Sourced as cinder. Both folders come from the host or from a volume, with an owner of their own.

for folder in /var/lib/cinder /etc/iscsi; do
    if [[ $(stat -c %U:%G $folder) != cinder:kolla ]]; then
        sudo chown -R cinder:kolla $folder
    fi
    if [[ $(stat -c %a $folder) != 2775 ]]; then
        sudo chmod 2775 $folder
    fi
done
