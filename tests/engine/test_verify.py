"""Every image passes its verification, and one that lacks something does not."""

import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import TAG, WHICH, kollage, podman

pytestmark = pytest.mark.engine

MEMCACHED = f"kolla/memcached:{TAG}"
SPOILED = "localhost/kollage-tests/spoiled:1"
# a library, a helper and a rule are missing or wrong, and something is there that should not be
SPOILS = """
rm "$1"/usr/lib/x86_64-linux-gnu/libevent-2.1.so.7*
rm "$1"/usr/local/bin/healthcheck_listen
echo 'memcached ALL=(((' > "$1"/etc/sudoers.d/broken
chmod 0440 "$1"/etc/sudoers.d/broken
printf '#!/usr/bin/no-such-shell\\n' > "$1"/usr/bin/tool
chmod 0755 "$1"/usr/bin/tool
mkdir -m 0777 "$1"/srv/open
printf 'machine a login b password c\\n' > "$1"/root/.netrc
"""


def buildah(*arguments: str) -> str:
    return subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def spoiled(built: object) -> Iterator[str]:
    container = buildah("from", "--pull-never", MEMCACHED)
    root = buildah("mount", container)
    subprocess.run(["sh", "-euc", SPOILS, "sh", root], check=True)
    buildah("config", "--env=HTTP_PROXY=http://proxy.example:3128", container)
    buildah("commit", "--quiet", "--rm", container, SPOILED)
    yield SPOILED
    podman("rmi", SPOILED)


def findings(*arguments: str) -> tuple[int, set[tuple[str, str]]]:
    """The exit code, and each finding's check and subject."""
    done = kollage("verify", "--format=json", *arguments)
    results = json.loads(done.stdout)["results"]
    return done.returncode, {(each["check"], each["subject"]) for result in results for each in result["findings"]}


def test_every_image_passes_and_is_not_looked_at_again(built: object, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    done = kollage("verify", f"--junit-file={report}", f"--cache-dir={tmp_path / 'cache'}", WHICH)
    assert done.returncode == 0, done.stdout + done.stderr
    (suite,) = ET.parse(report).getroot()
    assert (suite.get("failures"), suite.get("tests")) == ("0", str(len(suite)))
    again = json.loads(kollage("verify", "--format=json", f"--cache-dir={tmp_path / 'cache'}", WHICH).stdout)["results"]
    assert {(result["status"], result["reason"]) for result in again} == {("reused", "it passed before")}
    assert len(again) == len(suite)


def test_an_image_that_lacks_something_fails_with_each_of_it(spoiled: str) -> None:
    code, found = findings(f"--image={spoiled}", "--as=memcached")
    assert code == 1
    expected = {
        ("prover.libraries", "/usr/bin/memcached"),
        ("prover.interpreters", "/usr/bin/tool"),
        ("contract.helpers", "/usr/local/bin/healthcheck_listen"),
        ("hygiene.writable", "/srv/open"),
        ("hygiene.secrets", "/root/.netrc"),
    }
    assert expected - found == set()
    assert {check for check, _ in found} >= {"contract.sudo", "alive.version", "alive.start"}
    assert any(check == "hygiene.secrets" and "HTTP_PROXY" in subject for check, subject in found)


def test_an_image_is_held_to_what_it_is_said_to_be(built: object) -> None:
    code, found = findings(f"--image=kolla/base:{TAG}", "--as=memcached")
    assert code == 1
    assert ("contract.commands", "memcached") in found


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--image=no/such:1", "--as=memcached"), 2, "no/such:1 is not in the engine's store"),
        ((f"--image={MEMCACHED}", "--as=memcache"), 2, "did you mean 'memcached'?"),
        ((f"--image={MEMCACHED}",), 2, "nothing says which image it is"),
        ((f"--image={MEMCACHED}", "--as=memcached", "--base-arch=aarch64"), 1, "is for amd64, and arm64 was asked"),
    ],
)
def test_what_cannot_be_verified_is_said(built: object, flags: tuple[str, ...], code: int, words: str) -> None:
    done = kollage("verify", *flags)
    assert done.returncode == code
    assert words in done.stdout + done.stderr
