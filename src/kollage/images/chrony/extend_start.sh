#!/bin/bash
# Sourced by kolla_start as root.
[[ -d /var/log/kolla/chrony ]] || install -d -m 2775 -g kolla /var/log/kolla/chrony

# A container that was killed leaves it, and after its restart the number may be another process's.
rm -f /run/chrony/chronyd.pid
