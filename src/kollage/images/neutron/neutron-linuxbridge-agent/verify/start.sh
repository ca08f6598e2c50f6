#!/bin/sh
# A host has a bridge for the network that it is on; so has this network, which is no host's.
set -eu
bridge="sudo neutron-rootwrap /etc/neutron/rootwrap.conf ip link"
$bridge show verify || $bridge add verify type bridge
exec neutron-linuxbridge-agent --config-file /etc/neutron/neutron.conf \
    --config-file /etc/neutron/plugins/ml2/linuxbridge_agent.ini
