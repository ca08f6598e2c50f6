#!/bin/bash
# kolla_nova_libvirt_start: becomes libvirtd, with virtlogd beside it, which keeps the consoles' logs from growing.
virtlogd &
exec libvirtd --listen
