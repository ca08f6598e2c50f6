#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
watcher-db-manage --config-file /etc/watcher/watcher.conf upgrade
exec watcher-decision-engine --config-file /etc/watcher/watcher.conf
