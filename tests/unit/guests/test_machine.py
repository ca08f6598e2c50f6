"""A machine is booted, asked over its line, and over when it is closed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kollage.errors import EngineError
from kollage.guests import Guest
from kollage.guests import machine as machines
from kollage.guests.machine import Machine
from kollage.process import CommandError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "machine"
    place.mkdir()
    return place


@pytest.fixture
def machine(guest: Guest, folder: Path) -> Iterator[Machine]:
    made = Machine(guest, "x86_64", folder)
    yield made
    made.close()


def processes(folder: Path) -> list[str]:
    """What works in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
        except OSError:
            continue
    return found


def test_a_script_gives_what_it_prints_on_both_streams(machine: Machine) -> None:
    assert machine.ask("echo é; echo two >&2") == "é\ntwo\n"
    assert len(machine.ask("seq 100000").split()) == 100000


def test_one_that_fails_is_an_error_with_its_last_lines(machine: Machine) -> None:
    with pytest.raises(CommandError, match=r"exit status 7\n    what is wrong") as caught:
        machine.ask("echo what is wrong; exit 7")
    assert (caught.value.code, machine.ask("echo on")) == (7, "on\n")


def test_what_is_closed_runs_no_longer(guest: Guest, folder: Path) -> None:
    made = Machine(guest, "x86_64", folder)
    assert processes(folder)
    made.close()
    assert processes(folder) == []


def test_an_emulator_that_refuses_says_why(guest: Guest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_QEMU", "refuses")
    with pytest.raises(CommandError, match="no such device"):
        Machine(guest, "x86_64", folder)


def test_an_emulator_that_is_not_there_is_named(guest: Guest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(EngineError, match="'qemu-system-x86_64' is not installed"):
        Machine(guest, "x86_64", folder)


def test_a_machine_that_does_not_come_up_is_ended_with_the_last_words_of_its_console(
    guest: Guest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_QEMU", "mute")
    monkeypatch.setattr(machines, "_BOOTS", 0.3)
    with pytest.raises(EngineError, match=r"does not answer: timed out\n    booted\n    waiting"):
        Machine(guest, "x86_64", folder)
    assert processes(folder) == []


def test_a_machine_that_ends_while_it_is_asked_says_how(
    guest: Guest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_QEMU", "ends")
    made = Machine(guest, "x86_64", folder)
    with pytest.raises(CommandError, match="exit status 3"):
        made.ask("echo")
    made.close()


def test_what_takes_too_long_is_not_waited_for(machine: Machine) -> None:
    began = time.monotonic()
    with pytest.raises(EngineError, match="timed out"):
        machine.ask("sleep 5", seconds=0.2)
    assert time.monotonic() - began < 4


def test_a_folder_may_have_a_long_name(guest: Guest, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 110)
    deep.mkdir()
    made = Machine(guest, "x86_64", deep)
    assert made.ask("echo here") == "here\n"
    made.close()
