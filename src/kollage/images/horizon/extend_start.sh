#!/bin/bash
# Sourced by kolla_start as root: the dashboards that are wanted (ENABLE_* is yes) get their places in Horizon, and what
# browsers load is made anew after a change of settings, themes or dashboards.

horizon_etc=/etc/openstack-dashboard
horizon_site=/var/lib/kolla/venv/lib/python3/site-packages
horizon_local=$horizon_site/openstack_dashboard/local
horizon_hash=/var/lib/kolla/.settings.md5sum.txt

# horizon_place WANTED FOLDER FILE...: each file is in the folder, or is not.
horizon_place() {
    local file target
    for file in "${@:3}"; do
        target=$2/${file##*/}
        if [[ $1 == yes && ! -e $target ]]; then
            cp "$file" "$target"
            FORCE_GENERATE=yes
        elif [[ $1 != yes && -e $target ]]; then
            rm "$target"
            FORCE_GENERATE=yes
        fi
    done
}

# horizon_dashboard WANTED PACKAGE
horizon_dashboard() {
    local nullglob
    nullglob=$(shopt -p nullglob) || true
    shopt -s nullglob
    horizon_place "$1" "$horizon_local/enabled" "$horizon_site/$2"/{,local/}enabled/_[!_]*.py
    horizon_place "$1" "$horizon_etc/local_settings.d" "$horizon_site/$2"/{,local/}local_settings.d/_[!_]*.py
    horizon_place "$1" "$horizon_etc" "$horizon_site/$2"/conf/*.{json,yaml}
    horizon_place "$1" "$horizon_etc/default_policies" "$horizon_site/$2"/conf/default_policies/*
    $nullglob
}

# The time of a file says nothing about its contents; what is missing is left out.
horizon_settings() {
    cd "$horizon_etc" || return
    { find local_settings local_settings.py custom_local_settings local_settings.d themes -type f 2> /dev/null || true; } \
        | LC_ALL=C sort | tar -cf - --mtime=1970-01-01 --files-from=-
}

# Where deployments before 2026 bring theirs.
if [[ -f $horizon_etc/local_settings ]]; then
    ln -sfn $horizon_etc/local_settings $horizon_local/local_settings.py
fi
if [[ -f $horizon_etc/custom_local_settings ]]; then
    ln -sfn $horizon_etc/custom_local_settings $horizon_local/custom_local_settings.py
fi

if [[ -v KOLLA_BOOTSTRAP ]]; then
    manage.py migrate --noinput
    exit 0
fi

horizon_dashboard "${ENABLE_BLAZAR-}" blazar_dashboard
horizon_dashboard "${ENABLE_CLOUDKITTY-}" cloudkittydashboard
horizon_dashboard "${ENABLE_DESIGNATE-}" designatedashboard
horizon_dashboard "${ENABLE_FWAAS-}" neutron_fwaas_dashboard
horizon_dashboard "${ENABLE_HEAT-}" heat_dashboard
horizon_dashboard "${ENABLE_IRONIC-}" ironic_ui
horizon_dashboard "${ENABLE_MAGNUM-}" magnum_ui
horizon_dashboard "${ENABLE_MANILA-}" manila_ui
horizon_dashboard "${ENABLE_MASAKARI-}" masakaridashboard
horizon_dashboard "${ENABLE_MISTRAL-}" mistraldashboard
horizon_dashboard "${ENABLE_NEUTRON_VPNAAS-}" neutron_vpnaas_dashboard
horizon_dashboard "${ENABLE_OCTAVIA-}" octavia_dashboard
horizon_dashboard "${ENABLE_TACKER-}" tacker_horizon
horizon_dashboard "${ENABLE_TROVE-}" trove_dashboard
horizon_dashboard "${ENABLE_WATCHER-}" watcher_dashboard

if [[ ${FORCE_GENERATE-} == yes ]] || ! (horizon_settings | md5sum --check --status "$horizon_hash"); then
    manage.py collectstatic --noinput --clear
    manage.py compress --force
    (horizon_settings | md5sum > "$horizon_hash")
fi

[[ -d /var/log/kolla/horizon ]] || install -d -m 2775 -o horizon -g kolla /var/log/kolla/horizon
if [[ -e $horizon_local/.secret_key_store ]]; then
    chown horizon "$horizon_local/.secret_key_store"
fi
