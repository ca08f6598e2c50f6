#!/bin/bash
# Sourced as designate. The trigger counts as given when it is set, even if empty.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    designate-manage database sync
    exit 0
fi
