#!/bin/bash
# Sourced as root. A bootstrap makes the database and, once, the domain that Heat keeps its own users in; OS_* variables
# say who may do that. The password stays in the environment: every user of the host can read a command line.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    sudo -H -u heat heat-manage db_sync
    python - << 'PYTHON'
import os

import openstack

os.environ.setdefault("OS_PROJECT_DOMAIN_NAME", os.environ.get("OS_USER_DOMAIN_NAME", "Default"))  # one is enough
identity = openstack.connect().identity
if not identity.find_domain("heat_user_domain"):
    domain = identity.create_domain(name="heat_user_domain")
    password = os.environ["HEAT_DOMAIN_ADMIN_PASSWORD"]
    admin = identity.create_user(name="heat_domain_admin", domain_id=domain.id, password=password)
    identity.assign_domain_role_to_user(domain, admin, identity.find_role("admin", ignore_missing=False))
    print("Made the domain heat_user_domain and its administrator")
PYTHON
    exit 0
fi
