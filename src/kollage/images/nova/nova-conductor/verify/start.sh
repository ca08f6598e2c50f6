#!/bin/sh
# A deployment has the database of a cell made by a bootstrap of this image, which asks for that of the API too.
set -eu
nova-manage db sync --local_cell
exec nova-conductor
