#!/bin/bash
# Sourced by kolla_start as root.
libvirt_log=/var/log/kolla/libvirt/libvirtd.log
[[ -d ${libvirt_log%/*} ]] || install -d -m 2775 -g kolla "${libvirt_log%/*}"
[[ -e $libvirt_log ]] || install -m 0664 -g kolla /dev/null "$libvirt_log"
