#!/bin/bash
# Sourced by kolla_extend_start as root: QEMU, which runs as another user, makes and removes its sockets here.
chmod 1777 /run/openvswitch
