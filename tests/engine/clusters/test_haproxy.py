"""HAProxy asks its servers in turn, and none that is lost."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import Images, Network, Node, configuration, page, read, wait

pytestmark = pytest.mark.engine


def test_requests_go_to_all_servers_in_turn_and_only_to_those_that_answer(
    images: Images, network: Network, node: Node, tmp_path: Path
) -> None:
    images("base", "haproxy")
    lan = network("balancer", "left", "right", "client")
    for name in ("left", "right"):
        page(node, lan, name)
    address = lan.nodes["balancer"]
    values = {"address": address, "left": lan.nodes["left"], "right": lan.nodes["right"]}
    node("haproxy", *lan.flags("balancer"), *configuration(tmp_path, "haproxy", **values))

    def answers(count: int) -> list[str]:
        """Who answers so many requests of a client."""
        return [read(lan, "client", f"{address}:8080") for _ in range(count)]

    wait(lambda: set(answers(2)) == {"left", "right"}, "both servers answer")
    assert sorted(answers(6)) == ["left"] * 3 + ["right"] * 3
    lan.cut("left")
    wait(lambda: answers(4) == ["right"] * 4, "only the other one is asked")
    lan.mend("left")
    wait(lambda: set(answers(2)) == {"left", "right"}, "the lost one is asked again")
