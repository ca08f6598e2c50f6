#!/bin/bash
# Sourced by kolla_start. OPENSEARCH_DASHBOARDS_SECURITY_PLUGIN: False where OpenSearch runs without its counterpart.

if [[ ! -d /var/log/kolla/opensearch-dashboards ]]; then
    install -d -m 2775 -g kolla /var/log/kolla/opensearch-dashboards
fi

export DASHBOARDS_HOME=/usr/share/opensearch-dashboards

if [[ ${OPENSEARCH_DASHBOARDS_SECURITY_PLUGIN:-True} == False && -d $DASHBOARDS_HOME/plugins/securityDashboards ]]; then
    "$DASHBOARDS_HOME/bin/opensearch-dashboards-plugin" remove securityDashboards
fi
