#!/bin/bash
# Sourced by kolla_start as root.

mkdir -p /run/ovn
ovn_log_dir=/var/log/kolla/openvswitch
[[ -d $ovn_log_dir ]] || install -d -m 2775 -o openvswitch -g kolla "$ovn_log_dir"

# ovn_log NAME: a log that belongs to openvswitch.
ovn_log() {
    [[ -e $ovn_log_dir/$1 ]] || install -m 0664 -o openvswitch -g kolla /dev/null "$ovn_log_dir/$1"
}

# shellcheck source=/dev/null
source /usr/local/bin/kolla_ovn_extend_start
