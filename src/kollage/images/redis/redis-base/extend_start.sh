#!/bin/bash
# Sourced by kolla_start as redis.
[[ -d /var/log/kolla/redis ]] || install -d -m 2775 -g kolla /var/log/kolla/redis
