"""Two of three members of etcd agree on what is written; one alone does not."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, configuration, says, wait
from tests.engine.clusters.lan import Lan

pytestmark = pytest.mark.engine
NODES = ("one", "two", "three")


def settings(lan: Lan, name: str) -> tuple[str, ...]:
    """The variables of a member, as deployments give them."""
    address = lan.nodes[name]
    values = {
        "NAME": name,
        "DATA_DIR": "/var/lib/etcd",
        "LOG_OUTPUTS": "stdout",
        "INITIAL_CLUSTER": ",".join(f"{each}=http://{where}:2380" for each, where in lan.nodes.items()),
        "INITIAL_CLUSTER_STATE": "new",
        "INITIAL_CLUSTER_TOKEN": "tests",
        "INITIAL_ADVERTISE_PEER_URLS": f"http://{address}:2380",
        "LISTEN_PEER_URLS": f"http://{address}:2380",
        "LISTEN_CLIENT_URLS": f"http://{address}:2379,http://127.0.0.1:2379",
        "ADVERTISE_CLIENT_URLS": f"http://{address}:2379",
    }
    return tuple(f"--env=ETCD_{key}={value}" for key, value in values.items())


def test_a_majority_writes_and_a_minority_does_not(
    images: Images, network: Network, node: Node, tmp_path: Path
) -> None:
    images("etcd")
    lan = network(*NODES)
    members = {
        name: node("etcd", *lan.flags(name), *configuration(tmp_path, "etcd", name), *settings(lan, name))
        for name in NODES
    }
    for member in members.values():
        member.until("healthcheck_curl", "http://127.0.0.1:2379/health", seconds=PATIENCE)
    assert says(members["one"], "etcdctl", "put", "word", "first") == "OK"
    assert says(members["three"], "etcdctl", "get", "word", "--print-value-only") == "first"

    lan.cut("one")
    put = ("etcdctl", "--command-timeout=10s", "put")
    wait(lambda: members["two"].call(*put, "word", "second").returncode == 0, "two of three write")
    assert says(members["three"], "etcdctl", "get", "word", "--print-value-only") == "second"
    # a key of its own: what was refused may still be on its way to the others, and be written when they are back
    assert members["one"].call(*put, "lonely", "third").returncode

    lan.mend("one")
    read = ("etcdctl", "get", "word", "--print-value-only")
    wait(lambda: members["one"].call(*read).stdout.strip() == "second", "the lost one has caught up")
