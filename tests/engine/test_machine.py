"""A service that needs modules of a kernel is verified in a machine of its own, which ends with who started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import kollage

pytestmark = pytest.mark.engine

MULTIPATHD = "^multipathd$"


@pytest.fixture(scope="module")
def image() -> None:
    done = kollage("build", MULTIPATHD)
    assert done.returncode == 0, done.stdout + done.stderr


def emulators() -> list[str]:
    done = subprocess.run(["pgrep", "--exact", "qemu-system-x86"], capture_output=True, text=True, check=False)
    return done.stdout.split()


def working_containers() -> list[str]:
    listed = ["buildah", "containers", "--quiet", "--filter=ancestor=kolla/multipathd"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()


def until(question: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.2)


def test_a_killed_verification_leaves_no_machine_and_the_next_one_no_container_and_a_verdict(
    image: None, tmp_path: Path
) -> None:
    own = f"--cache-dir={tmp_path / 'cache'}"
    before, command = emulators(), [sys.executable, "-m", "kollage", "verify", own, MULTIPATHD]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        until(lambda: emulators() != before)
        os.kill(child.pid, signal.SIGKILL)
    until(lambda: emulators() == before)
    done = kollage("verify", own, MULTIPATHD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "multipathd  verified" in done.stdout
    assert emulators() == before
    assert working_containers() == []
