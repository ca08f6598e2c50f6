"""Collectd measures, and another one has what it measured."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, configuration, shell

pytestmark = pytest.mark.engine
ASK = "echo '{}' | socat - UNIX-CONNECT:/run/collectd-unixsock"


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
    collector.until("bash", "-c", f"{ASK.format('LISTVAL')} | grep -q measured/load/load", seconds=PATIENCE)
    value = shell(collector, ASK.format('GETVAL "measured/load/load"'))
    assert value.splitlines()[0] == "3 Values found"
    assert float(value.splitlines()[1].removeprefix("shortterm=")) >= 0
