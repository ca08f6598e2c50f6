#!/bin/bash
# Sourced by kolla_start.

if [[ ! -d /var/log/kolla/mongodb ]]; then
    install -d -m 2775 -g kolla /var/log/kolla/mongodb
fi

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo chown mongodb: /var/lib/mongodb/
    exit 0
fi
