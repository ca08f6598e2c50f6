"""Chrony answers those who ask for the time."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, configuration, says

pytestmark = pytest.mark.engine


def test_a_client_is_told_the_time(images: Images, network: Network, node: Node, tmp_path: Path) -> None:
    images("chrony")
    lan = network("clock", "client")
    clock = node("chrony", *lan.flags("clock"), *configuration(tmp_path, "chrony"))
    clock.until("chronyc", "tracking", seconds=PATIENCE)
    client = node("chrony", *lan.flags("client"), "--user=root", command=("sleep", "infinity"))
    ask = ("chronyd", "-Q", "-t", "60", f"server {lan.nodes['clock']} iburst")
    client.until(
        "bash", "-c", f"{' '.join(ask[:-1])} '{ask[-1]}' 2>&1 | grep 'System clock wrong by'", seconds=PATIENCE
    )
    assert lan.nodes["client"] in says(clock, "chronyc", "-n", "clients")

    lan.cut("clock")
    done = client.call("chronyd", "-Q", "-t", "8", f"server {lan.nodes['clock']} iburst")
    assert done.returncode, "it says the time without having been told"
