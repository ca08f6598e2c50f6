"""An image is verified by its root file system and its service; what was found is a result that says how to go on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_containers import FakeContainers
from tests.unit.fake_engine import FakeEngine
from tests.unit.test_act import workshop

from kollage import prove
from kollage.catalogue import Catalogue
from kollage.engines import Local
from kollage.engines.containers import Service
from kollage.engines.looking import Opened
from kollage.errors import EngineError
from kollage.guests import Design, Guest, machines
from kollage.image import Image, Verify
from kollage.options import Options
from kollage.process import OnLine
from kollage.results import Finding, Status
from kollage.steps import Action, Decision, Lane, Step
from kollage.verify import Subject, verdicts
from kollage.workshop import Beside, Workshop

APP = Image(name="app", folder=Path("app"), description="", parent=None)
STEP = Step(
    id="verify:app",
    image="app",
    decision=Decision(action=Action.VERIFY, reason="--verify"),
    identity="",
    reference="kolla/app:1",
    found="17",
    lane=Lane.VERIFY,
)


@dataclass
class Openable(FakeEngine):
    """An engine whose images can be opened, and whose containers are made up."""

    root: Path = Path()
    architecture: str = "amd64"
    stand_in: FakeContainers | None = field(default_factory=FakeContainers)
    asked: list[bool] = field(default_factory=list)  # whether containers were to begin with systemd

    @contextmanager
    def opened(self, reference: str, run: Path | None = None) -> Iterator[Opened]:
        yield Opened(
            root=self.root,
            configuration={"Env": ["A=b"]},
            history=(reference,),
            labels={},
            architecture=self.architecture,
            run=lambda _command, _text: "",
        )

    def containers(self, *, systemd: bool = False) -> FakeContainers:
        self.asked.append(systemd)
        if self.stand_in is None:
            raise EngineError("it runs no containers")
        return self.stand_in


@pytest.fixture
def engine(tmp_path: Path) -> Openable:
    (tmp_path / "root").mkdir()
    return Openable(root=tmp_path / "root", local=(Local(id="17", references=("kolla/app:1",)),))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the only static check finds."""
    findings: list[Finding] = []

    def check(subject: Subject, _on_line: OnLine) -> list[Finding]:
        assert subject.environment == {"A": "b"}
        return findings

    monkeypatch.setattr(prove, "static_findings", check)
    return findings


def shop(tmp_path: Path, engine: Openable, image: Image = APP, **options: Any) -> Workshop:
    catalogue = Catalogue(root=tmp_path, images={"app": image}, accounts={}, repositories={})
    chosen = Options(tag="1", cache_dir=tmp_path / "cache", **options)
    return replace(workshop(tmp_path, engine), catalogue=catalogue, options=chosen, private=tmp_path)


def test_an_image_without_a_finding_is_verified_and_remembered(
    tmp_path: Path, engine: Openable, found: list[Finding]
) -> None:
    result = prove.verify(shop(tmp_path, engine), STEP)
    assert (result.status, result.reason, result.findings) == (Status.VERIFIED, "every check", ())
    assert verdicts.passed(verdicts.folder(tmp_path / "cache"), verdicts.key(APP, "17", "amd64"))


def test_a_finding_fails_it_and_nothing_is_remembered(tmp_path: Path, engine: Openable, found: list[Finding]) -> None:
    found.append(Finding(check="hygiene.cache", subject="/x", message="a cache", hint="remove it"))
    result = prove.verify(shop(tmp_path, engine), STEP)
    assert (result.status, result.reason, result.findings) == (Status.FAILED, "1 finding", tuple(found))
    assert result.tail == ("hygiene.cache /x: a cache", "  hint: remove it")
    assert not verdicts.passed(verdicts.folder(tmp_path / "cache"), verdicts.key(APP, "17", "amd64"))


@pytest.mark.parametrize("systemd", [False, True])
def test_one_that_begins_with_systemd_gets_containers_for_it(
    tmp_path: Path, engine: Openable, found: list[Finding], systemd: bool
) -> None:
    image = replace(APP, verify=Verify(version=("app", "--version"), systemd=systemd))
    prove.verify(shop(tmp_path, engine, image), STEP)
    assert engine.asked == [systemd]


def test_one_that_needs_a_kernel_is_started_in_a_machine_with_its_modules(
    tmp_path: Path, engine: Openable, found: list[Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Design] = []
    made = Guest(kernel=tmp_path / "kernel", ramdisk=tmp_path / "ramdisk", command_line="", version="6.12")

    def give(_options: Options, design: Design) -> Guest:
        asked.append(design)
        return made

    monkeypatch.setattr(prove, "guest", give)
    monkeypatch.setattr(machines.Machines, "start", refuse)
    image = replace(APP, verify=Verify(healthy=("true",), kernel=("iscsi_tcp",)))
    result = prove.verify(shop(tmp_path, engine, image), STEP)
    assert asked == [machines.design(["iscsi_tcp"])]
    assert [finding.check for finding in result.findings] == ["alive.not-run"]
    assert result.findings[0].message == "its service was not started: no emulator for 6.12"


def refuse(runtime: machines.Machines, _service: Service) -> str:
    raise EngineError(f"no emulator for {runtime.guest.version}")


def test_an_exception_of_the_image_is_counted_and_nothing_more(
    tmp_path: Path, engine: Openable, found: list[Finding]
) -> None:
    found.append(Finding(check="hygiene.cache", subject="/x", message="a cache"))
    image = replace(APP, verify=Verify(exceptions={"hygiene.cache /x": "it is needed"}))
    result = prove.verify(shop(tmp_path, engine, image), STEP)
    assert (result.status, result.excepted, result.findings) == (Status.VERIFIED, 1, ())


@pytest.mark.parametrize(("pattern", "excepted"), [("hygiene.cache /var/*", 1), ("hygiene.* *", 1), ("*.cache /x", 0)])
def test_an_exception_may_be_a_pattern(
    pattern: str, excepted: int, tmp_path: Path, engine: Openable, found: list[Finding]
) -> None:
    found.append(Finding(check="hygiene.cache", subject="/var/x", message="a cache"))
    image = replace(APP, verify=Verify(exceptions={pattern: "it is needed"}))
    result = prove.verify(shop(tmp_path, engine, image), STEP)
    assert (result.excepted, len(result.findings)) == (excepted, 1 - excepted)


def test_an_image_for_another_architecture_is_not_looked_into(
    tmp_path: Path, engine: Openable, found: list[Finding]
) -> None:
    engine.architecture = "arm64"
    result = prove.verify(shop(tmp_path, engine), STEP)
    assert (result.status, result.findings) == (Status.FAILED, ())
    assert result.reason.startswith("kolla/app:1 is for arm64, and amd64 was asked for")


@pytest.mark.parametrize(
    ("facts", "containers", "why"),
    [
        (Verify(healthy=("true",)), False, "it runs no containers"),
        (
            Verify(healthy=("true",), needs=("db",)),
            True,
            "it needs db beside it, not in the store; build first: kollage build '^(db)$'",
        ),
    ],
)
def test_a_service_that_cannot_be_started_is_a_finding_beside_the_others(
    tmp_path: Path, engine: Openable, found: list[Finding], facts: Verify, containers: bool, why: str
) -> None:
    found.append(Finding(check="hygiene.cache", subject="/x", message="a cache"))
    engine.stand_in = FakeContainers() if containers else None
    result = prove.verify(shop(tmp_path, engine, replace(APP, verify=facts)), STEP)
    assert [finding.check for finding in result.findings] == ["hygiene.cache", "alive.not-run"]
    assert why in result.findings[1].message


NETWORK = "network of app"
HOLDER = Beside(container="holder of kolla/app:1", volumes={})


def test_what_is_needed_beside_shares_a_network_that_no_service_has_to_live_for(
    tmp_path: Path, engine: Openable
) -> None:
    room = shop(tmp_path, engine, replace(APP, verify=Verify(healthy=("true",))))
    start = replace(STEP, id="start:app", decision=Decision(action=Action.START, reason=""))
    assert prove.start(room, start).status is Status.STARTED
    assert room.beside == {NETWORK: HOLDER, "app": Beside(container="c1", volumes={})}
    room.beside["other"] = room.beside.pop("app")
    prove.start(room, start)
    assert {service.network for service in engine.containers().started} == {f"container:{HOLDER.container}"}
    prove.end_services(room)
    assert engine.containers().gone == ["c2", "c1", HOLDER.container]


def test_of_two_services_that_start_at_once_one_gives_the_network(
    tmp_path: Path, engine: Openable, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shop(tmp_path, engine, replace(APP, verify=Verify(healthy=("true",))))

    def late(_containers: FakeContainers, _reference: str) -> str:
        room.beside[NETWORK] = HOLDER
        return "late"

    monkeypatch.setattr(FakeContainers, "hold", late)
    prove.start(room, replace(STEP, id="start:app"))
    assert [service.network for service in engine.containers().started] == [f"container:{HOLDER.container}"]
    assert engine.containers().gone == ["late"]


def test_services_that_have_nothing_to_do_with_each_other_have_networks_of_their_own(
    tmp_path: Path, engine: Openable
) -> None:
    """Two switches in one network cannot both make the device that is named after their kind."""
    other = replace(APP, name="other", verify=Verify(healthy=("true",)))
    room = shop(tmp_path, engine, replace(APP, verify=Verify(healthy=("true",))))
    room = replace(room, catalogue=replace(room.catalogue, images={**room.catalogue.images, "other": other}))
    prove.start(room, replace(STEP, id="start:app"))
    prove.start(room, replace(STEP, id="start:other", image="other", reference="kolla/other:1"))
    assert [service.network for service in engine.containers().started] == [
        "container:holder of kolla/app:1",
        "container:holder of kolla/other:1",
    ]


def test_one_that_needs_another_shares_the_folders_that_both_have(tmp_path: Path, engine: Openable) -> None:
    facts = Verify(healthy=("true",), needs=("db",), volumes=("/run/db",))
    room = shop(tmp_path, engine, replace(APP, verify=facts))
    room.beside["db"] = Beside(container="c0", volumes={"v0": "/run/db", "v9": "/data"})
    room.beside["other"] = Beside(container="c9", volumes={"v8": "/run/db"})
    prove.start(room, replace(STEP, id="start:app", decision=Decision(action=Action.START, reason="")))
    assert [service.volumes for service in engine.containers().started] == [{"v0": "/run/db"}]
    assert room.beside["app"].volumes == {}  # it leaves those of others


def test_a_service_that_is_not_healthy_fails_and_is_removed_all_the_same(
    tmp_path: Path, engine: Openable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))  # nothing else runs on this machine
    engine.stand_in = FakeContainers(healthy_after=99)
    room = shop(tmp_path, engine, replace(APP, verify=Verify(healthy=("is-healthy",), seconds=1)))
    result = prove.start(room, replace(STEP, id="start:app"))
    assert result.status is Status.FAILED
    assert "not healthy within 1 s" in result.reason
    prove.end_services(room)
    assert engine.containers().gone == ["c1", HOLDER.container]


def test_one_that_fails_leaves_the_network_to_the_others(
    tmp_path: Path, engine: Openable, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shop(tmp_path, engine, replace(APP, verify=Verify(healthy=("true",))))
    engine.stand_in = FakeContainers(starts=False)
    assert prove.start(room, replace(STEP, id="start:app")).status is Status.FAILED
    engine.stand_in = FakeContainers()
    assert prove.start(room, replace(STEP, id="start:app")).status is Status.STARTED
    assert [service.network for service in engine.stand_in.started] == [f"container:{HOLDER.container}"]


def test_a_service_that_the_engine_refuses_is_told_with_the_engines_own_words(tmp_path: Path, engine: Openable) -> None:
    engine.stand_in = FakeContainers(starts=False)
    result = prove.start(shop(tmp_path, engine), replace(STEP, id="start:app"))
    assert (result.reason, result.tail) == ("run answered with exit status 1", ("no",))
    assert result.log
    assert result.log.read_text(encoding="utf-8") == "no\napp failed: run answered with exit status 1\n"


def test_what_passed_before_is_not_looked_at(tmp_path: Path, engine: Openable) -> None:
    step = replace(STEP, decision=Decision(action=Action.PASSED, reason="it passed before"))
    result = prove.passed(shop(tmp_path, engine), step)
    assert (result.status, result.reason, result.log) == (Status.REUSED, "it passed before", None)
    assert result.excepted == 0


def test_what_passed_with_exceptions_still_tells_how_many(
    tmp_path: Path, engine: Openable, found: list[Finding]
) -> None:
    found.append(Finding(check="hygiene.cache", subject="/x", message="a cache"))
    image = replace(APP, verify=replace(APP.verify, exceptions={"hygiene.cache /x": "it is empty"}))
    place = shop(tmp_path, engine, image)
    verified = prove.verify(place, STEP)
    again = prove.passed(place, replace(STEP, decision=Decision(action=Action.PASSED, reason="it passed before")))
    assert (verified.excepted, verified.reason, again.excepted) == (1, "1 exception", 1)
