#!/bin/bash
# Sourced as root. A bootstrap makes the database, and once the domain that Heat keeps its own users in; OS_* variables
# say who may do that. The password reaches the client on stdin, and the trace is off while it is at hand.

heat_make_domain() {
    openstack domain create heat_user_domain
    openstack user create --domain heat_user_domain --password-prompt heat_domain_admin \
        <<< "$HEAT_DOMAIN_ADMIN_PASSWORD"$'\n'"$HEAT_DOMAIN_ADMIN_PASSWORD"
    openstack role add --domain heat_user_domain --user-domain heat_user_domain --user heat_domain_admin admin
}

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u heat heat-manage db_sync
    domains=$(openstack domain list --format value --column Name)
    if ! grep --quiet --line-regexp heat_user_domain <<< "$domains"; then
        set +o xtrace
        heat_make_domain
    fi
    exit 0
fi
