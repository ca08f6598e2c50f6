"""What the engine takes for running, and is not: after a cut of power, or when all of a container was killed."""

import os

import pytest

from kollage.deploy.runner import _found


def row(**state: object) -> dict[str, object]:
    labels = {"kollage.unit": "1"}
    told = {"Running": True, "ExitCode": 0, **state}
    return {"Name": "/kollage-keystone", "State": told, "Config": {"Labels": labels}, "RestartCount": 0}


@pytest.mark.parametrize(
    ("state", "running", "lost"),
    [
        ({"Pid": os.getpid()}, True, False),
        ({"Pid": 2**22 + 1}, False, True),  # above all numbers that Linux gives
        ({}, True, False),
        ({"Running": False, "Pid": 0}, False, False),
        ({"Running": False, "Pid": 2**22 + 1}, False, False),
    ],
)
def test_a_container_without_its_process_is_lost(state: dict[str, object], running: bool, lost: bool) -> None:
    found = _found(row(**state))
    assert (found.unit, found.running, found.lost) == ("keystone", running, lost)
