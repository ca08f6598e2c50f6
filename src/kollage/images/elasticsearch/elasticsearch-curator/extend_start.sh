#!/bin/bash
# Sourced by kolla_start as root: cron starts Curator as the user elasticsearch.

if [[ ! -d /var/log/kolla/elasticsearch ]]; then
    install -d -m 2775 -o elasticsearch -g kolla /var/log/kolla/elasticsearch
fi
