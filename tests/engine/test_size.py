"""Real images are weighed and asked for updates, and nothing of that is left behind."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import TAG, kollage, podman
from tests.unit.archives.archive import signer, write_suite

pytestmark = pytest.mark.engine

OUTDATED = "localhost/kollage-tests/memcached:1"
# an image whose memcached is older than what its archive has, which is a folder of the test
SPOIL = """
sed -i '/^Package: memcached$/,/^$/s/^Version: .*/Version: 1.0-1/' "$1"/var/lib/dpkg/status
echo "deb $2 trixie main" > "$1"/etc/apt/sources.list
rm -f "$1"/etc/apt/trusted.gpg.d/*
cp "$3" "$1"/etc/apt/trusted.gpg.d/tests.gpg
"""


@pytest.fixture(scope="module")
def memcached() -> None:
    """The one image that is looked at here, and its parent."""
    done = kollage("build", "^memcached$")
    assert done.returncode == 0, done.stdout + done.stderr


def told(*arguments: str) -> dict[str, Any]:
    done = kollage(*arguments, "--format=json")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict[str, Any](json.loads(done.stdout))


def test_an_image_is_taken_apart_to_the_last_byte(memcached: None) -> None:
    (image,) = told("size", "^memcached$")["images"]
    found = image["inventory"]
    parts = (*found["packages"], *found["distributions"], *found["unowned"])
    assert sum(part["size"] for part in parts) == sum(folder["size"] for folder in found["folders"]) == found["size"]
    packages = {part["name"]: part["version"] for part in found["packages"]}
    assert packages.keys() >= {"memcached", "bash", "libc6"}
    assert found["size"] > 100_000_000
    unowned = sum(part["size"] for part in found["unowned"])
    assert unowned < found["size"] / 5  # nearly all of it was brought by someone who says so


def test_what_an_image_adds_to_its_parent_came(memcached: None) -> None:
    changes = told("size", "--compare=base", "memcached")["changes"]
    assert {"memcached", "libevent-2.1-7t64"} <= {each["name"] for each in changes if each["what"] == "came"}


@pytest.fixture
def outdated(memcached: None, tmp_path: Path) -> Iterator[str]:
    with signer(tmp_path / "key") as by:
        address = write_suite(tmp_path / "mirror", by, {"memcached": "1.0-2", "bash": "1"})
        (tmp_path / "own.gpg").write_bytes(by.key())
    container = buildah("from", "--pull-never", f"kolla/memcached:{TAG}")
    root = buildah("mount", container)
    subprocess.run(["sh", "-euc", SPOIL, "sh", root, address, str(tmp_path / "own.gpg")], check=True)
    buildah("commit", "--quiet", "--rm", container, OUTDATED)
    yield OUTDATED
    podman("rmi", OUTDATED)


def buildah(*arguments: str) -> str:
    return subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("engine", ["buildah", "podman"])
def test_an_image_with_an_old_package_has_an_update(outdated: str, tmp_path: Path, engine: str) -> None:
    flags = ["--namespace=kollage-tests", "--tag=1", f"--cache-dir={tmp_path / engine}", f"--engine={engine}"]
    found = told("updates", "^memcached$", *flags)
    update = {"package": "memcached", "installed": "1.0-1", "candidate": "1.0-2", "suite": "trixie"}
    assert found == {"images": {"memcached": [update]}, "notes": []}
