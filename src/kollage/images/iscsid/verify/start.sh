#!/bin/sh
# What a host has elsewhere: a target with a volume, here of the same kernel.
set -eu
truncate --size=16M /tmp/verify
cd /sys/kernel/config/target
mkdir -p core/fileio_0/verify
echo "fd_dev_name=/tmp/verify,fd_dev_size=16777216" >core/fileio_0/verify/control
echo 1 >core/fileio_0/verify/enable
group=iscsi/iqn.2026-01.example.kollage:verify/tpgt_1
mkdir -p "$group/np/127.0.0.1:3260" "$group/lun/lun_0"
ln -s "$PWD/core/fileio_0/verify" "$group/lun/lun_0/verify"
echo 0 >"$group/attrib/authentication"
echo 0 >"$group/attrib/demo_mode_write_protect"
echo 1 >"$group/attrib/generate_node_acls"
echo 1 >"$group/enable"
cd /
exec iscsid --debug=2 --foreground
