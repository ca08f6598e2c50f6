"""ZooKeeper keeps a node on three members, and goes on where one of them is lost."""

from functools import partial
from pathlib import Path

import pytest

from tests.engine.clusters.conftest import Images, Network, Node, configuration, wait
from tests.engine.conftest import Container

pytestmark = pytest.mark.engine
NODES = ("one", "two", "three")
LOGGING = ("-Dzookeeper.log.dir=/tmp", "-Dzookeeper.root.logger=ERROR,CONSOLE")
CLIENT = ("java", *LOGGING, "-cp", "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar")


def client(member: Container, *command: str) -> str:
    """What the shell of ZooKeeper prints at the end."""
    line = (*CLIENT, "org.apache.zookeeper.ZooKeeperMain", "-server", "127.0.0.1:2181", *command)
    return (member.call(*line).stdout.splitlines() or [""])[-1]


def agrees(member: Container) -> bool:
    """Whether a member has said that it leads or follows."""
    return bool({"LEADING", "FOLLOWING"} & set(member.logs().split()))


def test_a_node_is_kept_when_a_member_is_lost(images: Images, network: Network, node: Node, tmp_path: Path) -> None:
    images("zookeeper")
    lan = network(*NODES)
    members = {
        name: node("zookeeper", *lan.flags(name), *configuration(tmp_path, "zookeeper", name, number=str(number)))
        for number, name in enumerate(NODES, start=1)
    }
    for member in members.values():
        wait(partial(agrees, member), "they agree who leads")
    client(members["one"], "create", "/word", "kept")
    wait(lambda: client(members["three"], "get", "/word") == "kept", "another member has it")

    lan.cut("one")
    wait(lambda: client(members["two"], "get", "/word") == "kept", "the others go on")
    client(members["two"], "create", "/later", "more")
    wait(lambda: client(members["three"], "get", "/later") == "more", "they make another one")
    lan.mend("one")
    wait(lambda: client(members["one"], "get", "/later") == "more", "the lost one has caught up")
