#!/bin/bash
# Sourced by kolla_start as root. A container that was killed leaves this file behind, and keepalived believes it.
rm -f /run/keepalived.pid
