#!/bin/bash
# Sourced by kolla_start as rabbitmq. A bootstrap stores the cookie that the nodes of a cluster share, and ends.

if [[ -v KOLLA_BOOTSTRAP ]]; then
    (
        set +o xtrace
        rm -f /var/lib/rabbitmq/.erlang.cookie
        umask 0377
        echo "$RABBITMQ_CLUSTER_COOKIE" > /var/lib/rabbitmq/.erlang.cookie
    )
    exit 0
fi

if [[ ! -d ${RABBITMQ_LOG_DIR:=/var/log/kolla/rabbitmq} ]]; then
    install -d -m 2775 -g kolla "$RABBITMQ_LOG_DIR"
fi
