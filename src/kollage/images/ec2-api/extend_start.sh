#!/bin/bash
# Sourced as ec2api. The trigger counts as given when it is set, even if empty.

[[ -d /var/log/kolla/ec2-api ]] || install -d -m 2755 /var/log/kolla/ec2-api

if [[ -v KOLLA_BOOTSTRAP ]]; then
    ec2-api-manage db_sync
    exit 0
fi
