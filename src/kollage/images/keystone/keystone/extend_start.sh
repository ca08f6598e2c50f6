#!/bin/bash
# Sourced by kolla_start as root. A database trigger counts as given when it is set, even if empty.

keystone_log_dir=/var/log/kolla/keystone

# uWSGI starts as root and drops to keystone: the log has to belong to keystone before anybody writes to it.
keystone_prepare_log() {
    local log=$keystone_log_dir/keystone.log
    [[ -d $keystone_log_dir ]] || install -d -m 2775 -o keystone -g kolla "$keystone_log_dir"
    [[ $(stat -c %U "$keystone_log_dir") == keystone ]] || chown keystone:kolla "$keystone_log_dir"
    [[ -e $log ]] || install -m 0664 -o keystone -g kolla /dev/null "$log"
    [[ $(stat -c %U "$log") == keystone ]] || chown keystone:kolla "$log"
}

keystone_db_sync() {
    local extra=()
    read -r -a extra <<< "${EXTRA_KEYSTONE_MANAGE_ARGS-}"
    sudo -H -u keystone keystone-manage "${extra[@]}" db_sync "$@"
}

keystone_prepare_log

if [[ -v KOLLA_UPGRADE ]]; then
    keystone_db_sync --expand
    keystone_db_sync --migrate
    exit 0
fi

if [[ -v KOLLA_FINISH_UPGRADE ]]; then
    keystone_db_sync --contract
    exit 0
fi

if [[ -v KOLLA_BOOTSTRAP ]]; then
    keystone_db_sync
    exit 0
fi
