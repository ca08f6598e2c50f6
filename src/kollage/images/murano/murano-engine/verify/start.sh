#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
murano-db-manage upgrade
exec murano-engine
