#!/bin/bash
# Sourced by kolla_start as root.

mkdir -p /run/openvswitch
[[ -d /var/log/kolla/openvswitch ]] || install -d -m 2775 -o openvswitch -g kolla /var/log/kolla/openvswitch

# shellcheck source=/dev/null
source /usr/local/bin/kolla_ovsdpdk_extend_start
