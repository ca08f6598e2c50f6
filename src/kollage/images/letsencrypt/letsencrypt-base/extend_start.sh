#!/bin/bash
# Sourced by kolla_start as root: what is written for HAProxy belongs to it, what is served belongs to the web server.

letsencrypt_own() {
    install -d -m "$1" -o "$2" -g "$2" "${@:3}"
}

[[ -d /var/log/kolla/letsencrypt ]] || install -d -m 2775 -o letsencrypt -g kolla /var/log/kolla/letsencrypt

letsencrypt_own 0751 haproxy /etc/letsencrypt
letsencrypt_own 0755 haproxy /etc/letsencrypt/lego{,/internal,/external}
letsencrypt_server=root
for account in www-data apache; do
    if id "$account" &> /dev/null; then
        letsencrypt_server=$account
    fi
done
letsencrypt_own 0755 "$letsencrypt_server" /etc/letsencrypt/http-01{,/.well-known,/.well-known/acme-challenge}

if [[ -e /usr/local/bin/kolla_letsencrypt_extend_start ]]; then
    # shellcheck source=/dev/null
    source /usr/local/bin/kolla_letsencrypt_extend_start
fi
