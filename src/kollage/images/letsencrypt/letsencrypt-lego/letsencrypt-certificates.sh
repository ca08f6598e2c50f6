#!/bin/bash
# letsencrypt-certificates --internal|--external --fqdns NAME,... --port PORT --days DAYS --mail ADDRESS --acme URL
#     --vips ADDRESS,... --haproxies-ssh HOST:PORT,... [--key-type TYPE] [--eab --kid ID --hmac KEY]
#     [--challenge http-01|dns-01] [--dns-provider NAME] [--dns-additional-opts OPTIONS] [--env-file FILE]
# Obtains one certificate for all names, or renews it DAYS before it ends, and hands it to every HAProxy. Acts only on
# the host that holds one of the virtual addresses. PORT is where the challenges are served: lego only writes them.

set -o errexit -o nounset -o pipefail

readonly lego=/etc/letsencrypt/lego
declare -rA long=(
    [-i]=--internal [-e]=--external [-f]=--fqdns [-p]=--port [-d]=--days [-m]=--mail [-a]=--acme [-v]=--vips
    [-h]=--haproxies-ssh [-k]=--key-type
)
declare -A given=([challenge]=http-01)

log() {
    echo "$(date '+%Y/%m/%d %H:%M:%S') [$1] [${fqdn-} - cron] $2"
}

fail() {
    log ERROR "$1"
    exit 1
}

is_active() {
    local address addresses
    addresses=$(ip -o address show | awk '{ sub("/.*", "", $4); print $4 }')
    for address in ${given[vips]//,/ }; do
        if grep -qxF "$address" <<< "$addresses"; then
            return 0
        fi
    done
    return 1
}

# export_file FILE: literal lines NAME=VALUE. It is not sourced, so nothing in it is run.
export_file() {
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ $line == [!#]*=* ]]; then
            export "${line%%=*}=${line#*=}"
        fi
    done < "$1"
}

# remove_other_certificates: those of other first names, and the own one where a name is new.
remove_other_certificates() {
    local names name
    mkdir -p "$certificates"
    find "$certificates" -type f ! -name "$fqdn.*" -delete
    if [[ -e $certificates/$fqdn.pem ]]; then
        names=$(openssl x509 -noout -ext subjectAltName -in "$certificates/$fqdn.pem" | tr ', ' '\n')
        for name in "${fqdns[@]}"; do
            if ! grep -qxF "DNS:$name" <<< "$names"; then
                log INFO "$name is new in the certificate"
                find "$certificates" -type f -delete
                return
            fi
        done
    fi
}

# with_dates: every line with a date and a level, whatever printed it.
with_dates() {
    local line date='^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} '
    while IFS= read -r line; do
        if [[ ! $line =~ $date ]]; then
            log INFO "$line"
        elif [[ ${line:20} == \[* ]]; then
            echo "$line"
        else
            echo "${line:0:19} [INFO] ${line:20}"
        fi
    done
}

obtain_certificate() {
    local options=() action=(run) hook
    options=("${fqdns[@]/#/--domains=}")
    if [[ ${given[challenge]} == http-01 ]]; then
        options+=(--http --http.webroot /etc/letsencrypt/http-01)
    else
        read -r -a more <<< "${given[dns-additional-opts]-}"
        options+=(--dns "${given[dns-provider]}" "${more[@]}")
    fi
    if [[ -v given[eab] ]]; then
        options+=(--eab --kid "${given[kid]}" --hmac "${given[hmac]}")
    fi
    if [[ -n ${given[key-type]-} ]]; then
        options+=(--key-type "${given[key-type]}")
    fi
    if [[ -e $certificates/$fqdn.pem ]]; then
        action=(renew --days "${given[days]}")
    fi
    hook="/usr/bin/sync-and-update-certificate --$kind --fqdn $fqdn --haproxies-ssh ${given[haproxies-ssh]}"
    /opt/lego --accept-tos --pem --email "${given[mail]}" --server "${given[acme]}" --path "$lego/$kind" \
        "${options[@]}" "${action[@]}" "--${action[0]}-hook" "$hook" 2>&1 | with_dates
}

known=internal,external,fqdns:,port:,days:,mail:,acme:,vips:,haproxies-ssh:,key-type:,eab,kid:,hmac:
known+=,challenge:,dns-provider:,dns-additional-opts:,env-file:
words=$(getopt --name letsencrypt-certificates --options ief:p:d:m:a:v:h:k: --longoptions "$known" -- "$@")
eval set -- "$words"
while [[ $1 != -- ]]; do
    name=${long[$1]-$1}
    case $name in
        --internal | --external | --eab)
            given[${name#--}]=yes
            shift
            ;;
        *)
            given[${name#--}]=$2
            shift 2
            ;;
    esac
done

IFS=, read -r -a fqdns <<< "${given[fqdns]-}"
fqdn=${fqdns[0]-}
if [[ -v given[internal] && -v given[external] || ! -v given[internal] && ! -v given[external] ]]; then
    fail "exactly one of --internal and --external is needed"
fi
kind=external
if [[ -v given[internal] ]]; then
    kind=internal
fi
certificates=$lego/$kind/certificates
for name in fqdns days mail acme vips haproxies-ssh; do
    [[ -n ${given[$name]-} ]] || fail "--$name is needed"
done
case ${given[challenge]} in
    http-01) ;;
    dns-01) [[ -n ${given[dns-provider]-} ]] || fail "the challenge dns-01 needs --dns-provider" ;;
    *) fail "the challenge ${given[challenge]} is not known: take http-01 or dns-01" ;;
esac
if [[ -v given[eab] && (-z ${given[kid]-} || -z ${given[hmac]-}) ]]; then
    fail "--eab needs --kid and --hmac"
fi
if [[ -n ${given[env-file]-} ]]; then
    [[ -r ${given[env-file]} ]] || fail "${given[env-file]} cannot be read"
    export_file "${given[env-file]}"
fi

if ! is_active; then
    log INFO "This host holds no virtual address: nothing to do"
    exit 0
fi
remove_other_certificates
status=0
obtain_certificate || status=$?
chown -R haproxy:haproxy "$lego"
exit "$status"
