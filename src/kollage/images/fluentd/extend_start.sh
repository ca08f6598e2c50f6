#!/bin/bash
# Sourced by kolla_start as fluentd. Whoever is in the group kolla may write logs, and what is new there is the group's.

if [[ $(stat -c %U:%G /var/log/kolla) != fluentd:kolla ]]; then
    sudo chown fluentd:kolla /var/log/kolla
fi
if [[ $(stat -c %a /var/log/kolla) != 2775 ]]; then
    sudo chmod 2775 /var/log/kolla
fi
if [[ -d /var/lib/fluentd && $(stat -c %U:%G /var/lib/fluentd) != fluentd:kolla ]]; then
    sudo chown fluentd:kolla /var/lib/fluentd
fi
