#!/bin/bash
# Sourced by kolla_start as root.

[[ -d /var/log/kolla/letsencrypt ]] || install -d -m 2775 -o letsencrypt -g kolla /var/log/kolla/letsencrypt
