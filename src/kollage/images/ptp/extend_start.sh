#!/bin/bash
# Sourced by kolla_start as root.
[[ -d /var/log/kolla/ptp ]] || install -d -m 2775 -g kolla /var/log/kolla/ptp
