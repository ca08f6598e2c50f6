#!/bin/bash
# Sourced by kolla_start as root. DNSMASQ_PIDFILE: where the PXE filter of Ironic reads whom it has to wake up.

dnsmasq_log=/var/log/kolla/ironic/dnsmasq.log
[[ -d ${dnsmasq_log%/*} ]] || install -d -m 2775 -o ironic -g kolla "${dnsmasq_log%/*}"
[[ -e $dnsmasq_log ]] || install -m 0664 -o ironic -g kolla /dev/null "$dnsmasq_log"

# This shell becomes the daemon, which writes no such file itself while it stays in the foreground.
: "${DNSMASQ_PIDFILE:=/run/ironic/dnsmasq.pid}"
mkdir -p "${DNSMASQ_PIDFILE%/*}"
echo $$ > "$DNSMASQ_PIDFILE"
