#!/bin/bash
# Sourced by kolla_start as mysql. A trigger counts as given when it is set, even if empty.
# The root password reaches its commands in the environment or on stdin: never on a command line, never in the trace.

: "${MARIADB_LOG_DIR:=/var/log/kolla/mariadb}"

# sql_quote TEXT: TEXT as an SQL string, right as long as sql_mode lacks NO_BACKSLASH_ESCAPES.
sql_quote() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

mariadb_as_root() {
    MYSQL_PWD=$DB_ROOT_PASSWORD "$@" --user=root
}

# wait_for_mariadb SERVER: until it answers, DB_MAX_TIMEOUT seconds at most, or until the process SERVER is gone.
wait_for_mariadb() {
    local deadline=$((SECONDS + ${DB_MAX_TIMEOUT:-60}))
    until mariadb-admin --connect-timeout=5 ping &> /dev/null; do
        if ! kill -0 "$1" 2> /dev/null || ((SECONDS >= deadline)); then
            echo "The temporary MariaDB server did not start, see $MARIADB_LOG_DIR" >&2
            return 1
        fi
        sleep 1
    done
}

grant_root() {
    local password
    password=$(sql_quote "$DB_ROOT_PASSWORD")
    mariadb_as_root mariadb << SQL
SET SESSION sql_mode = '';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' IDENTIFIED BY $password WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' IDENTIFIED BY $password WITH GRANT OPTION;
SQL
}

# kill_mariadb SAFE: a bootstrap that failed leaves nothing worth a clean end, and TERM early in the life of a server
# can hang it. SAFE is stopped first, so that it cannot start another one.
kill_mariadb() {
    kill -STOP "$1" 2> /dev/null || return 0
    pkill -KILL -P "$1" || true
    kill -KILL "$1"
}

# Both run in a subshell of their own: the trap and the missing trace end with it.
bootstrap_mariadb() {
    set +o xtrace
    mariadb-install-db
    # Straight into the log: a server on the pipe to tee would keep a failed bootstrap from ever ending.
    mariadbd-safe --wsrep-new-cluster --skip-networking --wsrep-on=OFF &>> "$MARIADB_LOG_DIR/mariadb-bootstrap.log" &
    local server=$!
    # shellcheck disable=SC2064 # the number is known now, and the variable is gone later
    trap "kill_mariadb $server" EXIT
    wait_for_mariadb "$server"
    sudo -E kolla_security_reset
    grant_root
    mariadb_as_root mariadb-admin shutdown
    wait "$server"
    trap - EXIT
}

upgrade_mariadb() {
    set +o xtrace
    # mariadb-upgrade takes every directory for a database and stumbles over this name.
    rm -rf /var/lib/mysql/.pki
    mariadb_as_root mariadb-upgrade --host="$DB_HOST" --port="$DB_PORT"
}

if [[ ! -d $MARIADB_LOG_DIR ]]; then
    install -d -m 2775 -g kolla "$MARIADB_LOG_DIR"
fi

if [[ -v KOLLA_BOOTSTRAP ]]; then
    bootstrap_mariadb 2>&1 | tee -a "$MARIADB_LOG_DIR/mariadb-bootstrap.log"
    exit 0
fi

if [[ -v KOLLA_UPGRADE ]]; then
    upgrade_mariadb 2>&1 | tee -a "$MARIADB_LOG_DIR/mariadb-upgrade.log"
    exit 0
fi

if [[ -v BOOTSTRAP_ARGS ]]; then
    # shellcheck disable=SC2034 # read by kolla_start
    ARGS=$BOOTSTRAP_ARGS
fi
