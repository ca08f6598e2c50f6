#!/bin/sh
# A host has udev, which knows its disks; the machine has one that two paths lead to.
set -eu
/lib/systemd/systemd-udevd --daemon
udevadm trigger
udevadm settle
printf 'defaults {\n user_friendly_names no\n find_multipaths no\n}\n' >/etc/multipath.conf
exec multipathd -d
