#!/bin/bash
# Sourced by kolla_start as etcd.

[[ -d /var/log/kolla/etcd ]] || install -d -m 2775 -g kolla /var/log/kolla/etcd

# With the slash at its end, as the rule of sudo has it.
[[ -O /var/lib/etcd ]] || sudo chown etcd: /var/lib/etcd/
