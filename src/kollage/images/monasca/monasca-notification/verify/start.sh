#!/bin/sh
# No suite has Kafka: what the service reads from is a broker beside it, on a port of that one's choice.
set -eu
rm -f /tmp/broker
python3 /var/lib/kolla/config_files/broker.py /tmp/broker alarm-state-transitions alarm-notifications \
    retry-notifications 60-seconds-notifications &
until [ -s /tmp/broker ]; do sleep 0.2; done
printf '[kafka]\nurl = %s\n' "$(cat /tmp/broker)" > /tmp/broker.conf
exec monasca-notification --config-file=/etc/monasca/notification.conf --config-file=/tmp/broker.conf
