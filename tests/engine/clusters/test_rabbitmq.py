"""RabbitMQ forms a cluster of three, and a queue of it outlives a node."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, Volume, configuration, wait
from tests.engine.conftest import Container, once

pytestmark = pytest.mark.engine
NODES = ("one", "two", "three")
CURL = ("curl", "--disable", "--silent", "--show-error", "--fail", "--user", "tests:verify")
QUORUM = {"durable": True, "arguments": {"x-queue-type": "quorum", "x-quorum-initial-group-size": 3}}
LETTER = {"properties": {"delivery_mode": 2}, "routing_key": "letters", "payload": "kept", "payload_encoding": "string"}
ONE = {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}


def ask(server: Container, path: str, method: str = "GET", body: object = None) -> Any:
    """What the interface of the management gives; None where it gives nothing or does not answer."""
    sent = ("--header", "Content-Type: application/json", "--data", json.dumps(body)) if body else ()
    done = server.call(*CURL, "--request", method, *sent, f"http://127.0.0.1:15672/api/{path}")
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None


def running(server: Container) -> set[str]:
    """The nodes that one of them sees."""
    return {each["name"].removeprefix("rabbit@") for each in ask(server, "nodes") or [] if each["running"]}


def test_three_nodes_share_a_queue_which_outlives_the_one_that_led_it(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("rabbitmq")
    lan = network(*NODES)
    servers = {}
    for name in NODES:
        config = configuration(tmp_path, "rabbitmq", name, name=name)
        flags = (*lan.flags(name), *config, f"--volume={keep()}:/var/lib/rabbitmq")
        once("rabbitmq", *flags, "--env=KOLLA_BOOTSTRAP=", "--env=RABBITMQ_CLUSTER_COOKIE=verify")
        servers[name] = node("rabbitmq", *flags)
    for server in servers.values():
        server.until("healthcheck_rabbitmq", seconds=PATIENCE)
    wait(lambda: running(servers["three"]) == set(NODES), "the third node sees all")

    queue = "queues/%2F/letters"
    ask(servers["one"], queue, "PUT", QUORUM)
    wait(lambda: len((ask(servers["two"], queue) or {}).get("online", [])) == 3, "each node has a part of the queue")
    assert ask(servers["two"], "exchanges/%2F/amq.default/publish", "POST", LETTER) == {"routed": True}
    leader = ask(servers["two"], queue)["leader"].removeprefix("rabbit@")

    lan.cut(leader)
    rest = [name for name in NODES if name != leader]
    wait(lambda: running(servers[rest[0]]) == set(rest), "the others see that one is lost")
    wait(lambda: ask(servers[rest[0]], queue).get("leader", "").removeprefix("rabbit@") in rest, "another one leads")
    (letter,) = ask(servers[rest[1]], f"{queue}/get", "POST", ONE)
    assert letter["payload"] == "kept"
