#!/bin/bash
# Sourced by kolla_start as neutron.

[[ -d /var/log/kolla/neutron ]] || install -d -m 2775 -o neutron -g kolla /var/log/kolla/neutron

# With wrappers, what the agent starts runs in containers of its own.
if [[ ${KOLLA_NEUTRON_WRAPPERS-} == true ]]; then
    sudo -E /usr/local/lib/neutron-wrappers/copy-wrappers
else
    sudo -E /usr/local/lib/neutron-wrappers/delete-wrappers
fi

if [[ -f /usr/local/bin/kolla_neutron_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_neutron_extend_start
fi
