#!/bin/sh
# The broker is that of the persister beside it, whose shared memory it has.
set -eu
printf '[kafka]\nurl = %s\n' "$(cat /dev/shm/broker)" > /tmp/broker.conf
exec monasca-notification --config-file=/etc/monasca/notification.conf --config-file=/tmp/broker.conf
