#!/bin/bash
# Sourced by kolla_start as mysql.

logs=${MARIADB_LOG_DIR:-/var/log/kolla/mariadb}
[[ -d $logs ]] || install -d -m 2775 -g kolla "$logs"
