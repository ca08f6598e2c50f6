#!/bin/bash
# Sourced by kolla_extend_start as root.
ovn_log ovn-northd.log
