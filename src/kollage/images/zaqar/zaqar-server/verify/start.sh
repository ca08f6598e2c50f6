#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
zaqar-sql-db-manage upgrade head
exec zaqar-server
