#!/bin/bash
# Sourced as neutron. A trigger counts as given when it is set, even if empty.

# neutron_upgrade WHAT [SERVICE...]: the database of neutron itself, then of the services that plugins add
neutron_upgrade() {
    local service
    for service in neutron "${@:2}"; do
        neutron-db-manage --subproject "$service" upgrade "$1"
    done
}

if [[ -v KOLLA_BOOTSTRAP ]]; then
    # shellcheck disable=SC2086 # names, with blanks between them
    neutron_upgrade head ${NEUTRON_BOOTSTRAP_SERVICES-}
    exit 0
fi

if [[ -v KOLLA_UPGRADE ]]; then
    if [[ -v NEUTRON_DB_EXPAND ]]; then
        # shellcheck disable=SC2086
        neutron_upgrade --expand ${NEUTRON_ROLLING_UPGRADE_SERVICES-}
    fi
    if [[ -v NEUTRON_DB_CONTRACT ]]; then
        # shellcheck disable=SC2086
        neutron_upgrade --contract ${NEUTRON_ROLLING_UPGRADE_SERVICES-}
    fi
    exit 0
fi
