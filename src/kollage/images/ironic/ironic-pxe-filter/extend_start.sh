#!/bin/bash
# Sourced as root. The filter starts with nothing, and dnsmasq, which shares the processes of this container, has to
# know that. It need not run yet.

rm -f "${IRONIC_DHCP_HOSTS_DIR:-/etc/dnsmasq/dhcp-hostsdir}"/*
if dnsmasq_pid=$(cat "${DNSMASQ_PIDFILE:-/run/ironic/dnsmasq.pid}"); then
    kill -HUP "$dnsmasq_pid" || true
fi
