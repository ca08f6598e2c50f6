#!/bin/sh
# No suite has Kafka: what the service reads from is a broker beside it, on a port of that one's choice.
set -eu
rm -f /tmp/broker
python3 /var/lib/kolla/config_files/broker.py /tmp/broker metrics alarm-state-transitions &
until [ -s /tmp/broker ]; do sleep 0.2; done
broker=$(cat /tmp/broker)
printf '[kafka_alarm_history]\nuri = %s\n[kafka_metrics]\nuri = %s\n' "$broker" "$broker" > /tmp/broker.conf
exec monasca-persister --config-file=/etc/monasca/persister.conf --config-file=/tmp/broker.conf
