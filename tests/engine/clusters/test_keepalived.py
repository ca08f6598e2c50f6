"""Keepalived holds an address on one of two nodes, and moves it to the other one."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import Images, Network, Node, configuration, page, read, says, wait
from tests.engine.clusters.lan import SUBNET

pytestmark = pytest.mark.engine
VIRTUAL = f"{SUBNET}.200"
CAPABILITIES = ("--cap-add=NET_ADMIN", "--cap-add=NET_RAW", "--cap-add=NET_BROADCAST")
CHECK = "mkdir -p /checks; printf '#!/bin/sh\\ntest ! -e /failing\\n' > /checks/service; chmod 0755 /checks/service"


def test_the_address_moves_when_its_node_is_lost_and_when_its_service_fails(
    images: Images, network: Network, node: Node, tmp_path: Path
) -> None:
    images("base", "keepalived")
    lan = network("left", "right", "client")
    nodes = {}
    for name, priority in {"left": "100", "right": "50"}.items():
        config = configuration(tmp_path, "keepalived", name, priority=priority, virtual=VIRTUAL)
        nodes[name] = node("keepalived", *lan.flags(name), *CAPABILITIES, *config)
        says(nodes[name], "bash", "-c", CHECK)
        page(node, lan, name)

    def holders() -> list[str]:
        return [name for name in nodes if VIRTUAL in lan.addresses(name)]

    wait(lambda: len(holders()) == 1, "one node has the address")
    (first,) = holders()
    (second,) = set(nodes) - {first}
    wait(lambda: read(lan, "client", f"{VIRTUAL}:8000") == first, "a client reaches it")

    says(nodes[first], "touch", "/failing")
    wait(lambda: holders() == [second], "it moves away from a service that fails")
    wait(lambda: read(lan, "client", f"{VIRTUAL}:8000") == second, "a client reaches it there")

    says(nodes[first], "rm", "/failing")
    lan.cut(second)
    wait(lambda: first in holders(), "it comes back when the other node is lost")
    wait(lambda: read(lan, "client", f"{VIRTUAL}:8000") == first, "a client reaches it again")
