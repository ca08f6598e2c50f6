#!/bin/sh
# A deployment has its database made by ironic-api, and the folder shared with dnsmasq.
set -eu
ironic-dbsync upgrade
mkdir -p /etc/dnsmasq/dhcp-hostsdir
exec ironic-pxe-filter --config-file /etc/ironic/ironic.conf
