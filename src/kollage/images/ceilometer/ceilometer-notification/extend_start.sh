#!/bin/bash
# Sourced as ceilometer. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    if [[ ${CEILOMETER_DATABASE_TYPE-} == gnocchi ]]; then
        read -r -a parameters <<< "${CEILOMETER_UPGRADE_PARAMS-}"
        ceilometer-upgrade "${parameters[@]}"
    fi
    sudo chown -R ceilometer: /var/lib/ceilometer/
    exit 0
fi
