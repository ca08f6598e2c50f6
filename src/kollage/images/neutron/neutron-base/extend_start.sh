#!/bin/bash
# Sourced by kolla_start as neutron. An image that has more to do before its service starts brings the second script.

[[ -d /var/log/kolla/neutron ]] || install -d -m 2775 -o neutron -g kolla /var/log/kolla/neutron

# With wrappers, what an agent starts runs in containers of its own.
wrappers=delete
if [[ ${KOLLA_NEUTRON_WRAPPERS-} == true ]]; then
    wrappers=copy
fi
sudo -E /usr/local/lib/neutron-wrappers/$wrappers-wrappers

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

if [[ -f /usr/local/bin/kolla_neutron_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_neutron_extend_start
fi
