#!/bin/sh
# A deployment has its database made by heat-api.
set -eu
heat-manage db_sync
exec heat-engine
