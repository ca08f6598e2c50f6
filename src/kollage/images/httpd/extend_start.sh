#!/bin/bash
# Sourced by kolla_start.
# shellcheck source=/dev/null
source /usr/local/bin/kolla_httpd_setup
