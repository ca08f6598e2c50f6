#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
mistral-db-manage --config-file /etc/mistral/mistral.conf upgrade head
mistral-db-manage --config-file /etc/mistral/mistral.conf populate
exec mistral-server --server engine --config-file /etc/mistral/mistral.conf
