#!/bin/bash
# Sourced by kolla_start as root.

openvswitch_log_dir=/var/log/kolla/openvswitch
[[ -d $openvswitch_log_dir ]] || install -d -m 2775 -o openvswitch -g kolla "$openvswitch_log_dir"

# openvswitch_log NAME: a log that belongs to openvswitch.
openvswitch_log() {
    [[ -e $openvswitch_log_dir/$1 ]] || install -m 0664 -o openvswitch -g kolla /dev/null "$openvswitch_log_dir/$1"
}

# shellcheck source=/dev/null
source /usr/local/bin/kolla_openvswitch_extend_start
