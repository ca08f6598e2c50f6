"""Build hosts in namespaces, gone with the test; nobody's images and containers but their own are touched."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.distributed.hosts import BUSYBOX, Hosts, opened


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Here it is namespaces, cables and mounts; the engines' own store has no part."""
    assert shutil.which("docker-registry")
    assert BUSYBOX.is_file()
    yield
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert [name for name in names.split() if name.startswith(f"kollage-{_number()}-")] == []


def _number() -> int:
    """Of this process's network: one for each worker of the tests."""
    return 1 + os.getpid() % 250


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    """A machine with a bridge, and a registry that runs."""
    with opened(tmp_path, _number()) as made:
        made.start_registry()
        yield made
