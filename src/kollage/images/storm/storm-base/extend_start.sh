#!/bin/bash
# Sourced by kolla_start.

if [[ ! -d /var/log/kolla/storm ]]; then
    install -d -m 2775 -g kolla /var/log/kolla/storm
fi
