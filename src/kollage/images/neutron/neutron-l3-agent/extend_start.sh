#!/bin/bash
# Sourced by kolla_start as neutron.

[[ -d /var/log/kolla/neutron ]] || install -d -m 2775 -o neutron -g kolla /var/log/kolla/neutron

# Red Hat has one kind of iptables only.
if [[ $KOLLA_BASE_DISTRO =~ debian|ubuntu ]]; then
    for table in iptables ip6tables; do
        if [[ ${KOLLA_LEGACY_IPTABLES-} == true ]]; then
            sudo /usr/bin/update-alternatives --set $table /usr/sbin/$table-legacy
        else
            sudo /usr/bin/update-alternatives --auto $table
        fi
    done
fi

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
