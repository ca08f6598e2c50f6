#!/bin/bash
# Sourced by kolla_start as root.
[[ -d /var/log/kolla/hacluster ]] || install -d -m 2775 -o hacluster -g kolla /var/log/kolla/hacluster
