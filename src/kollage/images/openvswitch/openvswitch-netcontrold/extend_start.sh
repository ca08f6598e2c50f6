#!/bin/bash
# Sourced by kolla_extend_start as root.

[[ -d /var/log/kolla/openvswitch/netcontrold ]] || install -d -m 2775 -o openvswitch -g kolla /var/log/kolla/openvswitch/netcontrold
