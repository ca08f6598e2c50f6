#!/bin/bash
# Sourced as nova. The home is a volume, which may be new.

[[ -d /var/lib/nova/instances ]] || mkdir -p /var/lib/nova/instances
