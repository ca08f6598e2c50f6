"""Whether a metric that is handed to the broker is in the database of metrics afterwards."""

import json
import sys
import time
from pathlib import Path

from confluent_kafka import Producer
from influxdb import InfluxDBClient

moment = int(time.time() * 1000)
metric = {"name": "verify", "dimensions": {"host": "here"}, "timestamp": moment, "value": 42.0}
envelope = {"metric": metric, "meta": {"tenantId": "verify", "region": "here"}, "creation_time": moment // 1000}
producer = Producer({"bootstrap.servers": Path("/dev/shm/broker").read_text(encoding="utf-8")})
producer.produce("metrics", json.dumps(envelope))
producer.flush(10)
time.sleep(2)
points = list(InfluxDBClient("127.0.0.1", database="mon").query("SELECT value FROM verify").get_points())
sys.exit(0 if any(point["value"] == 42.0 for point in points) else f"there is no such point: {points}")
