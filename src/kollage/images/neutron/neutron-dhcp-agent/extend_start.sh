#!/bin/bash
# Sourced as neutron.

if [[ ! -e /var/log/kolla/neutron/dnsmasq.log ]]; then
    install -m 0664 -g kolla /dev/null /var/log/kolla/neutron/dnsmasq.log
fi
