"""Containers of a cloud are found, asked and removed by the engine's own words."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from kollage.deploy.runner import Found, Runner
from kollage.engines.containers import Containers
from kollage.errors import EngineError, UsageError

ROW = {
    "Name": "kollage-mariadb",
    "State": {"Running": True, "ExitCode": 0, "StartedAt": "then"},
    "Config": {"Labels": {"kollage.digest": "abc", "kollage.cloud": "/c"}},
    "RestartCount": 3,
}
JOB = {
    "Name": "/kollage-databases",  # as docker says it
    "State": {"Running": False, "ExitCode": 2, "StartedAt": "then"},
    "Config": {"Labels": {"kollage.digest": "def", "kollage.job": "true"}},
}


def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **answers: str) -> Path:
    """An engine first on PATH that answers by the first word of what it is told, and the file of what that was."""
    for word, text in answers.items():
        (tmp_path / word).write_text(text, encoding="utf-8")
    program = tmp_path / "podman"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\ncat {tmp_path}/$1 2>/dev/null\n:\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path / "told"


def runner(folder: str = "/c", program: str = "podman") -> Runner:
    return Runner(Containers((program,)), Path(folder))


def test_containers_are_found_as_either_engine_tells_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(tmp_path, monkeypatch, ps="1\n2\n", container=json.dumps([ROW, JOB]))
    assert runner().found() == {
        "mariadb": Found(unit="mariadb", digest="abc", running=True, exit_code=0, restarts=3, since="then"),
        "databases": Found(
            unit="databases", digest="def", running=False, exit_code=2, restarts=0, since="then", once=True
        ),
    }


@pytest.mark.parametrize(
    ("state", "running", "lost"),
    [
        ({"Running": True, "Pid": os.getpid()}, True, False),
        ({"Running": True, "Pid": 2**22 + 1}, False, True),  # above all numbers that Linux gives
        ({"Running": False, "Pid": 0}, False, False),
        ({"Running": False, "Pid": 2**22 + 1}, False, False),
    ],
)
def test_a_container_without_its_process_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: dict[str, object], running: bool, lost: bool
) -> None:
    row = {**ROW, "State": {"ExitCode": 0, **state}}
    engine(tmp_path, monkeypatch, ps="1\n", container=json.dumps([row]))
    found = runner().found()["mariadb"]
    assert (found.running, found.lost) == (running, lost)


def test_a_container_whose_process_nobody_has_buried_is_lost_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is left a zombie
        row = {**ROW, "State": {"ExitCode": 0, "Running": True, "Pid": child.pid}}
        engine(tmp_path, monkeypatch, ps="1\n", container=json.dumps([row]))
        found = runner().found()["mariadb"]
    assert (found.running, found.lost) == (False, True)


@pytest.mark.parametrize(
    ("script", "ailment"),
    [
        ("exit 0", ""),
        ("echo starting; echo refused >&2; exit 1", "refused"),
        ("exit 3", "its health check ended with 3"),
        (
            "echo 'OCI runtime exec failed: unable to apply caps' >&2; exit 126",
            "OCI runtime exec failed: unable to apply caps",
        ),
    ],
)
def test_a_service_that_is_not_well_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, ailment: str
) -> None:
    program = tmp_path / "podman"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert runner().ailment("mariadb", "healthcheck") == ailment


def test_where_there_is_none_nothing_more_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = engine(tmp_path, monkeypatch)
    assert runner().found() == {}
    assert told.read_text(encoding="utf-8") == "ps --all --quiet --no-trunc --filter=label=kollage.digest\n"


def test_those_of_another_cloud_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(tmp_path, monkeypatch, ps="1\n", container=json.dumps([ROW]))
    with pytest.raises(UsageError, match="this machine has a cloud already, in /c"):
        runner("/elsewhere").found()


def test_an_engine_without_a_compose_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="no program of docker reads Compose files"):
        runner(program="docker").create(["mariadb"], lambda _line: None)
