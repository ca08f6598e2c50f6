"""What would keep a cloud from running is found before anything is begun, with the way out."""

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from tests.unit.deploy.clouds import HOST, catalogue, chosen, wanted

from kollage.deploy import checks
from kollage.deploy.runner import Found
from kollage.errors import EngineError, KollageError, UsageError
from kollage.options import Options

STORE = {f"kolla/{name}:t": f"id-{name}" for name in ("mariadb-server", "keystone", "nova-api", "haproxy")}
OPTIONS = Options(tag="t")
RUNS = Found(unit="mariadb", digest="x", running=True, exit_code=0, restarts=0)


def test_a_port_that_is_taken_is_named_with_who_has_it_and_another_one(tmp_path: Path) -> None:
    host = replace(HOST, listening={3306: "mysqld (process 7)"})
    with pytest.raises(UsageError) as told:
        checks.require_ports(wanted(catalogue(tmp_path)), host, {})
    assert told.value.message == "port 3306, which mariadb listens on, is taken by mysqld (process 7)"
    assert told.value.hint == "end that, or choose another: --ports mariadb:3307"


def test_an_outer_port_is_the_load_balancers(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        checks.require_ports(wanted(catalogue(tmp_path)), replace(HOST, listening={8774: ""}), {})
    assert told.value.message == "port 8774, which haproxy listens on, is taken by another program"
    assert told.value.hint.endswith("--ports nova-api:8775")


def test_a_port_that_a_service_has_itself_is_not_taken(tmp_path: Path) -> None:
    checks.require_ports(wanted(catalogue(tmp_path)), replace(HOST, listening={3306: "mariadbd"}), {"mariadb": RUNS})


def test_one_port_for_two_is_told(tmp_path: Path) -> None:
    want = wanted(catalogue(tmp_path), chosen(ports={"mariadb": "18774"}))
    with pytest.raises(UsageError, match="are both to listen on port 18774"):
        checks.require_ports(want, HOST, {})


def test_too_little_memory_is_told_and_what_runs_already_needs_no_more(tmp_path: Path) -> None:
    want = wanted(catalogue(tmp_path))
    small = replace(HOST, memory=10**8)
    with pytest.raises(EngineError, match=r"the services need 0\.6 GB of memory, and 0\.1 GB are free"):
        checks.require_room(want, small, {})
    checks.require_room(want, small, {"mariadb": RUNS})


def test_too_little_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"a cloud needs 6 GB .* and 1\.0 GB are free"):
        checks.require_room(wanted(catalogue(tmp_path)), replace(HOST, disk=10**9), {})


def test_a_user_without_rights_is_told() -> None:
    with pytest.raises(EngineError, match="only root has"):
        checks.require_rights(replace(HOST, root=False))


def test_a_network_that_the_machine_knows_already_is_told_unless_the_cloud_runs() -> None:
    host = replace(HOST, networks=(IPv4Network("172.24.0.0/16"),))
    with pytest.raises(UsageError, match=r"a way to 172\.24\.0\.0/16 already, which 172\.24\.4\.0/24 overlaps"):
        checks.require_network(chosen(), host, {})
    checks.require_network(chosen(), host, {"mariadb": RUNS})


def test_an_address_in_the_external_network_is_told() -> None:
    with pytest.raises(UsageError, match=r"172\.24\.4\.9 is in the external network"):
        checks.require_network(chosen(address="172.24.4.9"), HOST, {})


def test_images_that_are_missing_are_named_with_the_command_that_builds_them(tmp_path: Path) -> None:
    store = {name: value for name, value in STORE.items() if "nova" not in name}
    with pytest.raises(KollageError) as told:
        checks.images(wanted(catalogue(tmp_path)), OPTIONS, store, {})
    assert told.value.message == "the store lacks what the cloud is made of: nova-api"
    assert told.value.hint == "build it: kollage build --tag t '^nova-api$'"


def test_a_cloud_keeps_its_images_as_long_as_they_are_there(tmp_path: Path) -> None:
    want = wanted(catalogue(tmp_path))
    store = {**STORE, "kolla/nova-api:before": "old"}
    assert checks.images(want, OPTIONS, store, {"nova-api": "old"})["nova-api"] == ("old", "old")
    assert checks.images(want, OPTIONS, STORE, {"nova-api": "old"})["nova-api"] == ("kolla/nova-api:t", "id-nova-api")
    assert checks.images(want, OPTIONS, store, {})["nova-api"] == ("kolla/nova-api:t", "id-nova-api")


def test_a_service_that_is_not_known_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        checks.require_known("nova-ap", wanted(catalogue(tmp_path)).units)
    assert told.value.hint == "did you mean 'nova-api'?"
