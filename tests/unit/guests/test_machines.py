"""A service in a machine is started, asked and ended as one in a container is."""

import gzip
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kollage.engines.containers import Service
from kollage.engines.looking import Opened
from kollage.errors import EngineError
from kollage.guests import Guest
from kollage.guests.machines import Machines
from kollage.process import CommandError


@pytest.fixture
def service(tmp_path: Path) -> Service:
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return Service(
        reference="kolla/app:1", configuration=folder, environment={"B": "two words"}, volumes={}, network="none"
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    (place / "etc").mkdir(parents=True)
    (place / "etc/name").write_text("x" * 5000)
    (place / "etc/link").symlink_to("/nowhere")
    return place


@pytest.fixture
def runtime(guest: Guest, root: Path, tmp_path: Path) -> Iterator[Machines]:
    made = machines(guest, root, tmp_path, ["sh", "-c", "trap 'exit 5' TERM; echo $A $B; while :; do sleep 0.1; done"])
    yield made
    made.remove(list(made._started), ())


def machines(guest: Guest, root: Path, tmp_path: Path, command: Sequence[str]) -> Machines:
    facts: dict[str, object] = {"Env": [f"PATH={os.environ['PATH']}", "A=one"], "Cmd": list(command)}
    opened = Opened(
        root=root, configuration=facts, history=(), labels={}, architecture="amd64", run=lambda _command, _text: ""
    )
    return Machines(opened, guest, "x86_64", tmp_path / "machines")


def until_it_says(text: str, runtime: Machines, name: str) -> None:
    end = time.monotonic() + 30
    while text not in "\n".join(runtime.logs(name)):
        assert time.monotonic() < end, runtime.logs(name)
        time.sleep(0.05)


def test_a_service_has_the_environment_of_its_image_and_its_own(runtime: Machines, service: Service) -> None:
    name = runtime.start(service)
    until_it_says("one two words", runtime, name)
    assert runtime.is_running(name)
    assert runtime.call(name, ["sh", "-c", "echo $A-$B"]) == "one-two words\n"


def test_it_is_asked_to_end_and_says_how_it_did(runtime: Machines, service: Service) -> None:
    name = runtime.start(service)
    until_it_says("one", runtime, name)
    assert runtime.stop(name, 20) == 5
    assert not runtime.is_running(name)


def test_one_that_does_not_listen_is_killed(guest: Guest, root: Path, tmp_path: Path, service: Service) -> None:
    deaf = machines(guest, root, tmp_path, ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"])
    name = deaf.start(service)
    until_it_says("up", deaf, name)
    assert deaf.stop(name, 1) == 128 + signal.SIGKILL
    deaf.remove([name], ())


def test_a_command_that_fails_is_named_as_it_was_given(runtime: Machines, service: Service) -> None:
    name = runtime.start(service)
    with pytest.raises(CommandError, match=r"^sh -c 'echo no; exit 3' answered with exit status 3\n    no$"):
        runtime.call(name, ["sh", "-c", "echo no; exit 3"])


def test_its_processes_are_as_the_kernel_tells_them(runtime: Machines, service: Service) -> None:
    assert any(f"{os.getpid()} (" in line for line in runtime.processes(runtime.start(service)))


def test_a_machine_has_the_image_for_its_disk_and_the_configuration_beside_its_ramdisk(
    runtime: Machines, service: Service, tmp_path: Path
) -> None:
    folder = tmp_path / "machines" / runtime.start(service)
    assert b"x" * 4096 in (folder / "disk").read_bytes()
    ramdisk = (folder / "ramdisk").read_bytes()
    assert ramdisk.startswith(b"first ")
    assert b"configuration/config.json\0" in gzip.decompress(ramdisk.removeprefix(b"first "))


def test_one_that_does_not_run_as_root_is_refused(runtime: Machines, service: Service) -> None:
    facts = {**runtime.opened.configuration, "User": "nova"}
    with pytest.raises(EngineError, match="a service runs as root, and this one as nova"):
        replace(runtime, opened=replace(runtime.opened, configuration=facts)).start(service)


def test_removed_nothing_of_it_is_left(runtime: Machines, service: Service, tmp_path: Path) -> None:
    names = [runtime.start(service), runtime.start(service)]
    assert len({*names}) == 2
    runtime.remove([*names, "gone already"], [])
    assert list((tmp_path / "machines").iterdir()) == []
