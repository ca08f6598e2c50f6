#!/bin/sh
# A deployment has the database made by another image; here the service makes its own.
set -eu
solum-db-manage upgrade head
exec solum-deployer
