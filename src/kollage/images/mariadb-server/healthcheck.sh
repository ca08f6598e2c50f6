#!/bin/bash
# healthcheck.sh [OPTION|TEST]...: succeeds when every test does. The first failure ends it.
# Takes the options and tests of the MariaDB container project's script of this name, in the order given: an option
# holds for the tests after it. An option's value follows after = or as the next word.
#
# Options: --defaults-file, --defaults-extra-file, --defaults-group-suffix, --no-defaults, --su USER, --su-mysql,
#   --datadir; for --replication: --replication_all, --replication_name NAME, --replication_io, --replication_sql,
#   --replication_seconds_behind_master N, --replication_sql_remaining_delay N
# Tests: --connect, --innodb_initialized, --innodb_buffer_pool_loaded, --galera_online, --galera_ready,
#   --replication, --mariadbupgrade

set -o nounset -o pipefail

no_defaults=() defaults_file=() defaults_extra=() defaults_suffix=()
datadir=''
replica_name='' replica_scope='' replica_wants=()

fail() {
    echo "healthcheck: $*" >&2
    exit 1
}

# with_defaults PROGRAM ARGUMENT...: the MariaDB programs take these options first only, and in this order.
with_defaults() {
    "$1" "${no_defaults[@]}" "${defaults_file[@]}" "${defaults_extra[@]}" "${defaults_suffix[@]}" "${@:2}"
}

# query SQL: the bare values
query() {
    with_defaults mariadb --connect-timeout=10 --batch --skip-column-names --execute="$1"
}

# query_rows SQL: one line "NAME: VALUE" per column
query_rows() {
    with_defaults mariadb --connect-timeout=10 --vertical --execute="$1"
}

# status_is VARIABLE PATTERN
status_is() {
    # shellcheck disable=SC2053 # a pattern on purpose
    [[ $(query "SELECT variable_value FROM information_schema.global_status WHERE variable_name = '$1'") == $2 ]]
}

# configured OPTION GROUP...: the last value of OPTION in these groups of the given (or default) option files.
configured_for_client() {
    with_defaults my_print_defaults client client-server client-mariadb mariadb-client | last_value "$1"
}

configured_for_server() {
    my_print_defaults mysqld server mariadbd mariadb client-server | last_value "$1"
}

last_value() {
    sed -n "s/^--${1//[-_]/[-_]}=//p" | tail -n 1
}

# Where a client from outside would knock: the host of the client's options, else the address the server is bound to.
listening_host() {
    local host
    host=$(configured_for_client host)
    if [[ -z $host || $host == localhost ]]; then
        host=$(configured_for_server bind-address)
        host=${host%%,*}
    fi
    case $host in
        '' | '*' | 0.0.0.0) host=127.0.0.1 ;;
        ::) host=::1 ;;
    esac
    echo "$host"
}

# Any answer of the server will do, a refusal too. Codes from 2000 to 2999 come from the client: nobody answered,
# except 2026 (TLS failed) and 2059 (no plugin for the way of logging in).
test_connect() {
    local port message
    port=$(configured_for_client port)
    port=${port:-$(configured_for_server port)}
    message=$(with_defaults mariadb --protocol=tcp --host="$(listening_host)" --port="${port:-3306}" \
        --connect-timeout=10 --execute="DO 0" 2>&1) && return
    [[ $message =~ ERROR\ ([0-9]+) ]] || return
    case ${BASH_REMATCH[1]} in
        2026 | 2059) return 0 ;;
        2???) return 1 ;;
    esac
}

test_innodb_initialized() {
    [[ $(query "SELECT COUNT(*) FROM information_schema.engines
                WHERE engine = 'InnoDB' AND support IN ('YES', 'DEFAULT')") == 1 ]]
}

test_innodb_buffer_pool_loaded() {
    status_is innodb_buffer_pool_load_status '*completed*'
}

# 4: synced with the cluster
test_galera_online() {
    status_is wsrep_local_state 4
}

test_galera_ready() {
    status_is wsrep_ready ON
}

# replica_values FIELD: its value for every connection asked for
replica_values() {
    sed -n "s/^ *$1: *//p" <<< "$replicas"
}

all_are() {
    local value
    while read -r value; do
        [[ $value == "$2" ]] || return
    done < <(replica_values "$1")
}

# NULL is no number of seconds: the SQL thread does not run, or nothing is delayed.
none_above() {
    local value
    while read -r value; do
        [[ $value == NULL && $1 == SQL_Remaining_Delay ]] && continue
        [[ $value =~ ^[0-9]+$ ]] && ((value <= $2)) || return
    done < <(replica_values "$1")
}

test_replication() {
    local name=${replica_name//\\/\\\\} replicas want
    if [[ -n $replica_scope ]]; then
        replicas=$(query_rows "SHOW ALL REPLICAS STATUS")
    else
        replicas=$(query_rows "SHOW REPLICA '${name//\'/\'\'}' STATUS")
    fi || return
    [[ $replicas == *Slave_IO_Running:* ]] || return
    for want in "${replica_wants[@]}"; do
        # shellcheck disable=SC2086 # a function and its two arguments
        $want || return
    done
}

# No SQL: the version that last wrote the system tables is in the data directory.
test_mariadbupgrade() {
    local directory=${datadir:-$(configured_for_server datadir)} tables program version='[0-9]+\.[0-9]+'
    directory=${directory:-/var/lib/mysql}
    tables=$(cat "$directory"/{mariadb,mysql}_upgrade_info 2> /dev/null | tr -d '\0' | grep -oEm 1 "^$version")
    # The client has the version of the server it came with, and unlike the server it is on PATH everywhere.
    program=$(mariadb --no-defaults --version | grep -oE "${version}[.0-9]*-MariaDB")
    [[ -n $tables && $program == "$tables".* ]]
}

# run_as USER ARGUMENT...: this script as another user; what was said before does not count.
run_as() {
    [[ $(id -un) == "$1" ]] || exec runuser -u "$1" -- "$0" "${@:2}"
}

is_number() {
    [[ $1 =~ ^[0-9]+$ ]] || fail "'$1' is not a number"
}

tested=''
while (($#)); do
    option=${1%%=*}
    case $option in
        --defaults-file | --defaults-extra-file | --defaults-group-suffix | --su | --datadir | --replication_name | \
            --replication_seconds_behind_master | --replication_sql_remaining_delay)
            if [[ $1 == *=* ]]; then
                value=${1#*=}
            else
                (($# > 1)) || fail "$option needs a value"
                value=$2
                shift
            fi
            ;;
    esac
    shift
    case $option in
        --no-defaults) no_defaults=(--no-defaults) defaults_file=() defaults_extra=() ;;
        --defaults-file) defaults_file=("$option=$value") no_defaults=() ;;
        --defaults-extra-file) defaults_extra=("$option=$value") no_defaults=() ;;
        --defaults-group-suffix) defaults_suffix=("$option=$value") ;;
        --su) run_as "$value" "$@" ;;
        --su-mysql) run_as mysql "$@" ;;
        --datadir) datadir=$value ;;
        --replication_all) replica_scope=all ;;
        --replication_name) replica_name=$value replica_scope='' ;;
        --replication_io) replica_wants+=("all_are Slave_IO_Running Yes") ;;
        --replication_sql) replica_wants+=("all_are Slave_SQL_Running Yes") ;;
        --replication_seconds_behind_master)
            is_number "$value"
            replica_wants+=("none_above Seconds_Behind_Master $value")
            ;;
        --replication_sql_remaining_delay)
            is_number "$value"
            replica_wants+=("none_above SQL_Remaining_Delay $value")
            ;;
        --connect | --innodb_initialized | --innodb_buffer_pool_loaded | --galera_online | --galera_ready | \
            --replication | --mariadbupgrade)
            tested=yes
            "test_${option#--}" || fail "${option#--} failed"
            ;;
        *) fail "unknown option $option" ;;
    esac
done
[[ -n $tested ]] || fail "no test was asked for"
