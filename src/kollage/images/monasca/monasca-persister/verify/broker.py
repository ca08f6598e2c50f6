"""A broker for tests, which the library of Kafka's clients has: the protocol is the real one, and memory all it keeps.

Arguments: the file that its address is written to, once it answers, and the topics that are there then.
"""

import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

place, *topics = sys.argv[1:]
broker = Producer({"test.mock.num.brokers": 1})
for topic in topics:
    broker.list_topics(topic, timeout=10)  # to ask for one makes it
(known,) = broker.list_topics(timeout=10).brokers.values()
Path(place).write_text(f"{known.host}:{known.port}", encoding="utf-8")
signal.pause()
