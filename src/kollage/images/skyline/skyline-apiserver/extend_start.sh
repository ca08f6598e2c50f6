#!/bin/bash
# Sourced as skyline. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    cd /var/lib/kolla/venv/lib/python3/site-packages/skyline_apiserver/db/alembic
    alembic upgrade head
    exit 0
fi
