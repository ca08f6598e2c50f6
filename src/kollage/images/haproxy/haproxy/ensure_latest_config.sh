#!/bin/bash
# kolla_ensure_haproxy_latest_config: puts a haproxy.cfg that differs in place, has HAProxy read it, prints "changed".
set -o errexit -o nounset

if [[ $(< /etc/haproxy/haproxy.cfg) != "$(< /var/lib/kolla/config_files/haproxy.cfg)" ]]; then
    kolla_set_configs
    pkill --oldest --exact --signal USR2 haproxy
    echo changed
fi
