#!/bin/bash
# kolla_mariadb_backup_replica.sh: as kolla_mariadb_backup.sh, from a member of the cluster that is not the active one
# (the one that answers at the host in my.cnf). A cluster of one is backed up from that one.
# VERIFY_DB_SERVER_CERT: whether the certificate of the server has to be valid (FALSE).

set -o errexit -o nounset -o pipefail

readonly attempts=12
readonly pause=5
readonly verify=--ssl-verify-server-cert=${VERIFY_DB_SERVER_CERT:-FALSE}

# ask_active_member: the addresses of all members and its own, in one line. Fails when it does not answer.
ask_active_member() {
    mariadb --defaults-file=/etc/mysql/my.cnf "$verify" --batch --skip-column-names --execute="
        SELECT variable_value, @@wsrep_node_address FROM information_schema.global_status
        WHERE variable_name = 'wsrep_incoming_addresses' AND variable_value <> ''" | grep .
}

# bare_host ADDRESS: without port and brackets.
bare_host() {
    if [[ $1 =~ ^\[(.*)\] ]]; then
        echo "${BASH_REMATCH[1]}"
    else
        echo "${1%%:*}"
    fi
}

# choose_member ACTIVE ADDRESS,ADDRESS,...: the first that is not ACTIVE; nothing when there is no other.
# A member that has not made its address known is called AUTO.
choose_member() {
    local active host member members
    active=$(bare_host "$1")
    IFS=', ' read -r -a members <<< "$2"
    for member in "${members[@]}"; do
        host=$(bare_host "$member")
        if [[ $host != "$active" && $host != AUTO ]]; then
            echo "$host"
            return
        fi
    done
}

for ((attempt = 1; attempt <= attempts; attempt++)); do
    if answer=$(ask_active_member); then
        IFS=$'\t' read -r members active <<< "$answer"
        replica=$(choose_member "$active" "$members")
        echo "Backing up from ${replica:-the active member: there is no other}"
        exec kolla_mariadb_backup.sh ${replica:+"--host=$replica"} "$verify"
    fi
    echo "The cluster did not name its members (attempt $attempt of $attempts)" >&2
    sleep "$pause"
done
echo "No member of the cluster to back up from" >&2
exit 1
