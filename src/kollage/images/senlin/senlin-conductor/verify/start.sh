#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
senlin-manage db_sync
exec senlin-conductor
