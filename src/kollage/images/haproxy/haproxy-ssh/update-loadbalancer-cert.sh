#!/bin/bash
# update-loadbalancer-cert --internal|--external
# Gives HAProxy the certificate that lies in /var/lib/haproxy: first in its memory, through the admin socket, then on
# the disk, where the old one is kept as a backup.

set -o errexit -o nounset -o pipefail

readonly socket=/var/lib/kolla/haproxy/haproxy.sock
readonly backups=/etc/letsencrypt/backups

case "$*" in
    -i | --internal) name=haproxy-internal.pem ;;
    -e | --external) name=haproxy.pem ;;
    *)
        echo "usage: update-loadbalancer-cert --internal|--external" >&2
        exit 1
        ;;
esac
readonly incoming=/var/lib/haproxy/$name
readonly place=/etc/haproxy/certificates/$name

log() {
    echo "$(date '+%Y/%m/%d %H:%M:%S') [$1] [$place - update] $2"
}

fail() {
    log ERROR "$1"
    exit 1
}

# tell COMMAND: what HAProxy answers on its admin socket
tell() {
    socat "unix-connect:$socket" - <<< "$1"
}

fingerprint_of_file() {
    openssl x509 -noout -fingerprint -sha1 -in "$incoming" | sed 's/.*=//; s/://g'
}

# The star asks for what was set and is not in use yet.
fingerprint_in_memory() {
    tell "show ssl cert *$place" | sed -n 's/^SHA1 FingerPrint: //p'
}

wanted=$(fingerprint_of_file) || fail "$incoming holds no certificate"
# An empty line ends what is sent, so there must be none in between.
answer=$(tell "set ssl cert $place <<"$'\n'"$(grep -v '^[[:space:]]*$' "$incoming")"$'\n') ||
    fail "HAProxy does not answer at $socket"
[[ $answer == *"Transaction created"* || $answer == *"Transaction updated"* ]] ||
    fail "HAProxy does not take $incoming: $answer"
if [[ $(fingerprint_in_memory) != "$wanted" ]]; then
    tell "abort ssl cert $place"
    fail "HAProxy holds another certificate than $incoming, so it was not put into use"
fi
[[ $(tell "commit ssl cert $place") == *Success!* ]] || fail "HAProxy does not put $incoming into use"
log INFO "$incoming is in use"

mkdir -p "$backups"
if [[ -e $place ]]; then
    cp --preserve "$place" "$backups/${name%.pem}-$(date +%Y-%m-%d-%H-%M-%S).pem"
fi
cp --preserve "$incoming" "$place"
rm "$incoming"
log INFO "$incoming is on the disk; the one before is in $backups"
