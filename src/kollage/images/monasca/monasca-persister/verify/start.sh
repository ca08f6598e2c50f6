#!/bin/sh
# No suite has Kafka: a broker runs here, for who has this memory, on a port of its own choice.
set -eu
python3 /var/lib/kolla/config_files/broker.py /dev/shm/broker metrics alarm-state-transitions \
    alarm-notifications retry-notifications 60-seconds-notifications &
until [ -s /dev/shm/broker ]; do sleep 0.2; done
broker=$(cat /dev/shm/broker)
printf '[kafka_alarm_history]\nuri = %s\n[kafka_metrics]\nuri = %s\n' "$broker" "$broker" > /tmp/broker.conf
exec monasca-persister --config-file=/etc/monasca/persister.conf --config-file=/tmp/broker.conf
