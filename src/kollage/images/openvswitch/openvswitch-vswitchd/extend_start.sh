#!/bin/bash
# Sourced by kolla_extend_start as root.

openvswitch_log ovs-vswitchd.log
mkdir -p /run/openvswitch
modprobe openvswitch || echo "The kernel has no module openvswitch: bridges can only be of the type netdev" >&2
