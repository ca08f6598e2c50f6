#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
sahara-db-manage --config-file /etc/sahara/sahara.conf upgrade head
exec sahara-engine --config-file /etc/sahara/sahara.conf
