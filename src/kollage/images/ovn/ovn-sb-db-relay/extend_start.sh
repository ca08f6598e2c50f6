#!/bin/bash
# Sourced by kolla_extend_start as root. RELAY_ID: which of the relays this one is.
ovn_log "ovn-sb-relay-$RELAY_ID.log"
