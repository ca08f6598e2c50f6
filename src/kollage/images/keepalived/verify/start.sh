#!/bin/sh
# A deployment has an interface of the host; here a pair of them is made, for keepalived refuses the loopback.
set -eu
ip link add verify type veth peer name beside
ip address add 192.0.2.2/24 dev verify
ip link set beside up
ip link set verify up
exec /usr/sbin/keepalived -nld -p /run/keepalived.pid
