#!/bin/bash
# Sourced by the start of whatever runs Apache httpd, which does so only as root.

# Left by a container that was killed, this keeps httpd from starting.
httpd_setup_deb() {
    : "${APACHE_CONFDIR:=}"
    # shellcheck source=/dev/null
    source /etc/apache2/envvars
    rm -rf /run/apache2/*
    mkdir -p /run/apache2
}

httpd_setup_rpm() {
    rm -rf /run/httpd/* /tmp/httpd*
    cat > /etc/httpd/conf.modules.d/99-server-status.conf << 'CONF'
<Location "/server-status">
    SetHandler server-status
    Require local
</Location>
CONF
    # The configuration of mod_ssl names this certificate, whether it is used or not.
    if [[ ! -e /etc/pki/tls/certs/localhost.crt && -x /usr/libexec/httpd-ssl-gencerts ]]; then
        rm -f /tmp/dhparams.pem
        /usr/libexec/httpd-ssl-gencerts
    fi
}

if ((EUID == 0)); then
    if [[ -d /etc/apache2 ]]; then
        httpd_setup_deb
    else
        httpd_setup_rpm
    fi
fi

LANG=C.UTF-8
for httpd_locale in /etc/default/locale /etc/locale.conf; do
    if [[ -f $httpd_locale ]]; then
        # shellcheck source=/dev/null
        source "$httpd_locale"
    fi
done
