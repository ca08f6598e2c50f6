"""A service is started as its image says, seen healthy, and asked to end; nothing of it is left."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_containers import FakeContainers

from kollage.image import Image, Layered, Verify
from kollage.process import CommandError
from kollage.results import Finding
from kollage.verify import alive

FACTS = Verify(
    version=("app", "--version"),
    healthy=("is-healthy",),
    needs=("db",),
    prepare={"db": ("make", "database")},
    bootstrap=True,
    environment={"A": "b"},
    volumes=("/data",),
    seconds=1,
)


@pytest.fixture(autouse=True)
def _free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is as if nothing else ran on it."""
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))


def image(folder: Path, **facts: Any) -> Image:
    (folder / "config.json").write_text("{}")
    return Image(
        name="app",
        folder=folder,
        description="",
        parent=None,
        verify=replace(FACTS, **facts),
        configuration={"config.json": Layered(folder, "config.json", 0)},
    )


def checked(tmp_path: Path, containers: FakeContainers, **facts: Any) -> list[Finding]:
    stage = alive.Stage(
        containers=containers, runtime=containers, beside={"db": "c0"}, network="container:c0", scratch=tmp_path
    )
    return list(alive.check(image(tmp_path, **facts), "kolla/app:1", stage, lambda _line: None))


def test_a_good_service_gives_no_finding_and_leaves_nothing(tmp_path: Path) -> None:
    containers = FakeContainers()
    assert checked(tmp_path, containers) == []
    assert containers.gone == ["c1", "v1"]


def test_it_is_prepared_bootstrapped_and_started_with_its_own_configuration(tmp_path: Path) -> None:
    containers = FakeContainers()
    checked(tmp_path, containers)
    assert containers.called[0] == ("c0", "make", "database")
    (once,), (service,) = containers.once, containers.started
    assert service.environment == {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS", "A": "b"}
    assert once == replace(service, environment={**service.environment, "KOLLA_BOOTSTRAP": ""})
    assert (service.reference, service.network, service.volumes) == ("kolla/app:1", "container:c0", {"v1": "/data"})
    assert [path.name for path in service.configuration.iterdir()] == ["config.json"]


def test_it_gets_no_more_rights_and_no_ones_namespaces_but_where_its_image_says_so(tmp_path: Path) -> None:
    containers = FakeContainers()
    checked(tmp_path, containers)
    checked(tmp_path, containers, network_admin=True, ipc="db", pid="db")
    usual, special = containers.started
    assert (usual.network_admin, usual.ipc, usual.pid) == (False, "shareable", "")
    assert (special.network_admin, special.ipc, special.pid) == (True, "container:c0", "container:c0")


def test_it_shares_the_folders_that_what_it_needs_has_too_and_leaves_them(tmp_path: Path) -> None:
    containers, shared = FakeContainers(), {"/run/db": "v0", "/other": "v9"}
    stage = alive.Stage(
        containers=containers, runtime=containers, beside={"db": "c0"}, volumes=shared, scratch=tmp_path
    )
    told = image(tmp_path, volumes=("/data", "/run/db"))
    assert list(alive.check(told, "kolla/app:1", stage, lambda _line: None)) == []
    assert containers.started[0].volumes == {"v0": "/run/db", "v1": "/data"}
    assert containers.gone == ["c1", "v1"]


def test_an_image_that_says_nothing_is_not_started(tmp_path: Path) -> None:
    containers = FakeContainers()
    assert checked(tmp_path, containers, version=(), healthy=()) == []
    assert (containers.started, containers.once, containers.called) == ([], [], [])


def test_a_service_may_take_some_time(tmp_path: Path) -> None:
    assert checked(tmp_path, FakeContainers(healthy_after=2), prepare={}, seconds=30) == []


@pytest.mark.parametrize(
    ("containers", "check", "words"),
    [
        (FakeContainers(healthy_after=99), "alive.health", ["not healthy within 1 s", "7 app", "last words"]),
        (FakeContainers(healthy_after=99, runs=False), "alive.start", ["ended by itself", "last words"]),
        (FakeContainers(starts=False), "alive.start", ["does not start"]),
        (FakeContainers(version="usage: app"), "alive.version", ["prints no version", "usage: app"]),
        (FakeContainers(alive=("1 (dumb-init) S 0", "9 (sh) Z 1")), "alive.zombies", ["9 sh"]),
    ],
)
def test_what_is_wrong_is_a_finding(tmp_path: Path, containers: FakeContainers, check: str, words: list[str]) -> None:
    (finding,) = checked(tmp_path, containers)
    assert (finding.check, finding.subject) == (check, "app")
    assert [word for word in words if word not in finding.message] == []
    assert "v1" in containers.gone


def test_a_process_that_has_just_ended_is_none_that_nobody_waits_for(tmp_path: Path) -> None:
    dying = ["8 (lspci) Z 7", "9 (lspci) Z 7"]  # another one at the second look
    assert checked(tmp_path, FakeContainers(dying=dying)) == []


def test_a_service_that_does_not_end_in_time_is_a_finding(tmp_path: Path) -> None:
    (finding,) = checked(tmp_path, FakeContainers(), stop_seconds=-1)  # nothing ends before it is asked to
    assert finding.check == "alive.stop"


@pytest.mark.parametrize(("load", "factor"), [(0.5, 1.0), (2.0, 1.0), (6.0, 3.0), (400.0, 10.0)])
def test_a_busy_machine_gives_more_time_but_no_end_of_it(
    monkeypatch: pytest.MonkeyPatch, load: float, factor: float
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    assert alive.slowness() == factor


def test_what_cannot_be_prepared_is_not_started(tmp_path: Path) -> None:
    class Stubborn(FakeContainers):
        def call(self, container: str, command: object) -> str:
            raise CommandError(["exec"], 1, ["no such database"])

    containers = Stubborn()
    (finding,) = checked(tmp_path, containers)
    assert finding.check == "alive.start"
    assert containers.started == []
