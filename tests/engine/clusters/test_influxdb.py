"""InfluxDB keeps a point."""

import json
from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, Volume, configuration, says
from tests.engine.conftest import Container, podman

pytestmark = pytest.mark.engine
CURL = ("curl", "--disable", "--silent", "--show-error", "--fail", "--data-urlencode")
POINT = "temperature,room=cellar value=12.5 1700000000000000000"


def query(server: Container, text: str) -> object:
    """The results of a query."""
    done = says(server, *CURL, f"q={text}", "http://127.0.0.1:8086/query?db=kept")
    return json.loads(done)["results"]


def test_a_point_is_there_after_a_new_start(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("influxdb")
    lan = network("one")
    data = f"--volume={keep()}:/var/lib/influxdb"
    server = node("influxdb", *lan.flags("one"), data, *configuration(tmp_path, "influxdb"))
    server.until("healthcheck_curl", "http://127.0.0.1:8086/ping", seconds=PATIENCE)
    query(server, "CREATE DATABASE kept")
    says(server, "curl", "--disable", "--fail", "--data-binary", POINT, "http://127.0.0.1:8086/write?db=kept")

    podman("restart", "--time=60", server.name)
    server.until("healthcheck_curl", "http://127.0.0.1:8086/ping", seconds=PATIENCE)
    values = [["2023-11-14T22:13:20Z", "cellar", 12.5]]
    series = {"name": "temperature", "columns": ["time", "room", "value"], "values": values}
    assert query(server, "SELECT * FROM temperature") == [{"statement_id": 0, "series": [series]}]
