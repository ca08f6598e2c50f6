#!/bin/bash
# Sourced by kolla_extend_start as root: the run folder of Apache is empty when it starts.

if [[ -d /etc/apache2 ]]; then
    : "${APACHE_CONFDIR:=}"
    # shellcheck source=/dev/null
    source /etc/apache2/envvars
    rm -rf /run/apache2
    mkdir -p /run/apache2
else
    rm -rf /run/httpd/* /tmp/httpd*
fi
