"""MariaDB keeps a table on three nodes, and goes on where one of them is lost."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, Volume, configuration, says
from tests.engine.clusters.lan import Lan
from tests.engine.conftest import Container, once

pytestmark = pytest.mark.engine
NODES = ("one", "two", "three")


def ask(server: Container, statement: str) -> str:
    """What an SQL statement gives."""
    sql = ("mariadb", "--user=root", "--password=verify", "--batch", "--skip-column-names", "--execute", statement)
    return says(server, *sql)


def synced(server: Container, size: int) -> None:
    """Wait until a node is one of so many members, which have the majority."""
    shown = f"{size}\nPrimary\nSynced"
    names = "('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state_comment')"
    query = f"SELECT variable_value FROM information_schema.global_status WHERE variable_name IN {names}"
    client = (
        f'mariadb --user=root --password=verify --batch --skip-column-names --execute="{query} ORDER BY variable_name"'
    )
    server.until("bash", "-c", f'[[ $({client}) == "{shown}" ]]', seconds=PATIENCE)


def member(lan: Lan, tmp_path: Path, name: str, addresses: str) -> tuple[str, ...]:
    """The flags of a member that finds the cluster at some addresses, or makes it where there is none."""
    values = {"address": lan.nodes[name], "members": addresses}
    return (*lan.flags(name), *configuration(tmp_path, "galera", name, name=name, **values))


def test_three_nodes_hold_the_same_rows_and_two_of_them_go_on_when_one_is_lost(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("mariadb-server")
    lan = network(*NODES)
    data = {name: f"--volume={keep()}:/var/lib/mysql" for name in NODES}
    first = member(lan, tmp_path, "one", "")
    once("mariadb-server", *first, data["one"], "--env=KOLLA_BOOTSTRAP=", "--env=DB_ROOT_PASSWORD=verify")
    everybody = ",".join(lan.nodes.values())
    servers = {"one": node("mariadb-server", *first, data["one"], "--env=BOOTSTRAP_ARGS=--wsrep-new-cluster")}
    synced(servers["one"], 1)
    for size, name in enumerate(NODES[1:], start=2):
        servers[name] = node("mariadb-server", *member(lan, tmp_path, name, everybody), data[name])
        synced(servers[name], size)
    ask(servers["one"], "CREATE DATABASE kept; CREATE TABLE kept.words (word VARCHAR(20) PRIMARY KEY)")
    ask(servers["two"], "INSERT INTO kept.words VALUES ('before')")
    assert ask(servers["three"], "SELECT word FROM kept.words") == "before"

    lan.cut("one")
    synced(servers["two"], 2)
    ask(servers["three"], "INSERT INTO kept.words VALUES ('while one was lost')")
    assert ask(servers["two"], "SELECT COUNT(*) FROM kept.words") == "2"
    alone = "INSERT INTO kept.words VALUES ('without the majority')"
    assert servers["one"].call("mariadb", "--user=root", "--password=verify", "--execute", alone).returncode

    lan.mend("one")
    synced(servers["one"], 3)
    assert ask(servers["one"], "SELECT COUNT(*) FROM kept.words") == "2"
