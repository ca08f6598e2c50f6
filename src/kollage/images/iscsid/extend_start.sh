#!/bin/bash
# Sourced by kolla_start as root: the host's name as an initiator is made once.

if [[ ! -f /etc/iscsi/initiatorname.iscsi ]]; then
    echo "InitiatorName=$(/sbin/iscsi-iname)" > /etc/iscsi/initiatorname.iscsi
fi
