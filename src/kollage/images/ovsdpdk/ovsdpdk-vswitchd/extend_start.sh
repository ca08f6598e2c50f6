#!/bin/bash
# Sourced by kolla_extend_start as root: QEMU, which runs as another user, makes its sockets in this folder, and can remove only them.
chmod 1777 /run/openvswitch
