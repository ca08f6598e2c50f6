#!/bin/bash
# Sourced by kolla_start as redis.

[[ -d /var/log/kolla/redis ]] || install -d -m 2775 -g kolla /var/log/kolla/redis

# The sentinel writes what it learns into its configuration: into a copy, so that the original stays as it was put here.
if [[ -n ${REDIS_CONF-} && -n ${REDIS_GEN_CONF-} ]]; then
    cp "$REDIS_CONF" "$REDIS_GEN_CONF"
fi
