"""Collectd measures, and another one has what it measured."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, configuration, shell

pytestmark = pytest.mark.engine
ASK = "echo '{}' | socat - UNIX-CONNECT:/run/collectd-unixsock"
GET = 'GETVAL "measured/load/load"'


def test_a_metric_travels_from_the_node_that_measures_to_the_one_that_collects(
    images: Images, network: Network, node: Node, tmp_path: Path
) -> None:
    images("collectd")
    lan = network("collector", "measured")
    directions = {"collector": ("Listen", "uptime"), "measured": ("Server", "load")}
    nodes = {}
    for name, (direction, reads) in directions.items():
        values = {"name": name, "direction": direction, "reads": reads, "collector": lan.nodes["collector"]}
        nodes[name] = node("collectd", *lan.flags(name), *configuration(tmp_path, "collectd", name, **values))
    collector = nodes["collector"]
    collector.until("bash", "-c", f"{ASK.format(GET)} | grep '3 Values found'", seconds=PATIENCE)
    values = dict(line.split("=") for line in shell(collector, ASK.format(GET)).splitlines()[1:])
    assert set(values) == {"shortterm", "midterm", "longterm"}
    assert all(float(value) >= 0 for value in values.values())
