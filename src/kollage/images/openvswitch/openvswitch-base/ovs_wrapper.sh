#!/bin/bash
# ovs_wrapper DAEMON [ARGUMENT]...: runs a daemon of Open vSwitch. Asked to end, it has the daemon end in order, through
# its control socket.

leave() {
    trap '' TERM QUIT
    ovs-appctl --timeout=1 --target="/run/openvswitch/$program.$daemon.ctl" exit || kill "$daemon"
    wait "$daemon"
    exit
}

trap leave TERM QUIT
program=${1##*/}
"$@" &
daemon=$!
wait "$daemon"
