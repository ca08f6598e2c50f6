#!/bin/bash
# Sourced by kolla_start as valkey.

[[ -d /var/log/kolla/valkey ]] || install -d -m 2775 -g kolla /var/log/kolla/valkey

# The sentinel writes what it learns into its configuration: into a copy, so that the original stays as it was put here.
if [[ -n ${VALKEY_CONF-} && -n ${VALKEY_GEN_CONF-} ]]; then
    cp "$VALKEY_CONF" "$VALKEY_GEN_CONF"
fi
