#!/bin/bash
# Sourced by kolla_start.

if [[ ! -d /var/log/kolla/kafka ]]; then
    install -d -m 2775 -g kolla /var/log/kolla/kafka
fi
