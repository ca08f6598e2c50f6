#!/bin/bash
# sync-and-update-certificate --internal|--external --fqdn NAME --haproxies-ssh HOST:PORT,...
# Copies what lego has to the other hosts and has every HAProxy take the certificate. A host that cannot be reached does
# not keep the others from theirs.

set -o nounset -o pipefail

readonly lego=/etc/letsencrypt/lego
kind='' fqdn='' haproxies=''

log() {
    echo "$(date '+%Y/%m/%d %H:%M:%S') [$1] [$fqdn - hook] $2"
}

words=$(getopt --name sync-and-update-certificate --options ief:l: \
    --longoptions internal,external,fqdn:,haproxies-ssh: -- "$@") || exit 1
eval set -- "$words"
while [[ $1 != -- ]]; do
    case $1 in
        -i | --internal) kind+=internal; shift ;;
        -e | --external) kind+=external; shift ;;
        -f | --fqdn) fqdn=$2; shift 2 ;;
        -l | --haproxies-ssh) haproxies=$2; shift 2 ;;
    esac
done
case $kind in
    internal) target=/var/lib/haproxy/haproxy-internal.pem ;;
    external) target=/var/lib/haproxy/haproxy.pem ;;
    *)
        log ERROR "exactly one of --internal and --external is needed"
        exit 1
        ;;
esac

# is_here HOST: whether it is an address of this host.
is_here() {
    ip -o address show | awk '{ sub("/.*", "", $4); print $4 }' | grep -qxF "$1"
}

# deliver HOST PORT
deliver() {
    # Host keys are made with each container, so there is none to know.
    local ssh=(ssh -p "$2" -i /var/lib/letsencrypt/.ssh/id_rsa
        -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR)
    if ! is_here "$1"; then
        rsync --archive --delete --rsh "${ssh[*]}" "$lego/" "haproxy@[$1]:$lego/" || return
    fi
    rsync --archive --rsh "${ssh[*]}" "$lego/$kind/certificates/$fqdn.pem" "haproxy@[$1]:$target" &&
        "${ssh[@]}" "haproxy@$1" "/usr/bin/update-loadbalancer-cert --$kind"
}

status=0
for entry in ${haproxies//,/ }; do
    host=${entry%:*} host=${host#[} host=${host%]}
    if deliver "$host" "${entry##*:}"; then
        log INFO "$entry has the certificate"
    else
        log ERROR "$entry could not be given the certificate"
        status=1
    fi
done
exit "$status"
