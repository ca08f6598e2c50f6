#!/bin/bash
# Sourced by kolla_start as valkey.
[[ -d /var/log/kolla/valkey ]] || install -d -m 2775 -g kolla /var/log/kolla/valkey
