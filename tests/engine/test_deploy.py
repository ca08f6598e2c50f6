"""A small cloud from real images: launched, killed, changed and removed, as its operator would."""

import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kollage.catalogue import IMAGES
from kollage.deploy import host
from kollage.deploy.compose import CLOUD
from tests.engine.conftest import kollage, podman

pytestmark = pytest.mark.engine

SERVICES = {"mariadb", "memcached", "rabbitmq", "keystone"}
_DEPLOYED = (
    "mariadb-server",
    "memcached",
    "rabbitmq",
    "keystone/keystone",
    "keystone/keystone-fernet",
    "kolla-toolbox",
)
_LATER = "\n# the network of floating addresses"  # a job that needs Neutron, which is not built for these tests
_PORT = 15000


@dataclass(frozen=True)
class Cloud:
    images: Path
    place: Path

    def run(self, verb: str, *more: str) -> str:
        flags = ["--images-dir", str(self.images)] if verb not in {"status", "down"} else []
        done = kollage(verb, "--cloud-dir", str(self.place), *flags, *more)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def up(self, verb: str = "up", *more: str) -> str:
        return self.run(verb, "--wait", "20", "--external-network", "198.51.100.0/24", *more)

    @property
    def password(self) -> str:
        clouds = yaml.safe_load((self.place / "clouds.yaml").read_text(encoding="utf-8"))
        return str(clouds["clouds"]["kollage"]["auth"]["password"])

    def state(self, name: str) -> Any:
        return json.loads(podman("container", "inspect", f"kollage-{name}"))[0]["State"]


def remove_what_a_killed_test_left() -> None:
    """A machine has one cloud, and a test run that was killed could not remove its own."""
    labels = podman("ps", "--all", f"--filter=label={CLOUD}", "--format", f'{{{{index .Labels "{CLOUD}"}}}}')
    for place in {line for line in labels.splitlines() if "/pytest-of-" in line}:
        done = kollage("down", "--purge", "--cloud-dir", place)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, built: object) -> Iterator[Cloud]:
    remove_what_a_killed_test_left()
    root = tmp_path_factory.mktemp("cloud")
    made = Cloud(images=root / "images", place=root / "place")
    shutil.copytree(IMAGES, made.images)
    for path in made.images.rglob("deploy.toml"):
        if path.parent.relative_to(made.images).as_posix() not in _DEPLOYED:
            path.unlink()
    toolbox = made.images / "kolla-toolbox/deploy.toml"
    toolbox.write_text(toolbox.read_text(encoding="utf-8").partition(_LATER)[0], encoding="utf-8")
    try:
        made.up()
        yield made
    finally:
        kollage("down", "--purge", "--cloud-dir", str(made.place))


def test_an_interface_that_a_killed_program_left_is_removed_and_one_in_use_is_not() -> None:
    where, (used, left) = Path("/sys/class/net"), ("kollage-used", "kollage-left")
    subprocess.run(["ip", "tuntap", "add", "dev", left, "mode", "tap"], check=True)
    with Path("/dev/net/tun").open("rb", buffering=0) as device:
        fcntl.ioctl(
            device, 0x400454CA, struct.pack("16sH14x", used.encode(), 0x1002)
        )  # TUNSETIFF: held until it closes
        assert (host.remove_left(left), host.remove_left(used)) == (True, False)
        assert ((where / left).exists(), (where / used).exists()) == (False, True)
    assert not (where / used).exists()


def answer(password: str) -> int:
    """The status with which the identity service answers who asks for a token."""
    user = {"name": "admin", "domain": {"id": "default"}, "password": password}
    scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{_PORT}/v3/auth/tokens",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def until(condition: object) -> None:
    """Wait for something that the engine does by itself."""
    assert callable(condition)
    for _ in range(240):
        if condition():
            return
        time.sleep(1)
    raise AssertionError("it never happened")


def test_the_identity_service_gives_a_token(cloud: Cloud) -> None:
    assert answer(cloud.password) == 201
    assert answer("wrong") == 401


def test_what_runs_is_left_alone(cloud: Cloud) -> None:
    before = {name: cloud.state(name)["StartedAt"] for name in SERVICES}
    cloud.up()
    assert {name: cloud.state(name)["StartedAt"] for name in SERVICES} == before


def test_status_tells_of_services_and_jobs(cloud: Cloud) -> None:
    told = json.loads(cloud.run("status", "--format", "json"))["services"]
    assert {name for name, each in told.items() if each["state"] == "running"} == SERVICES
    assert {each["state"] for name, each in told.items() if name not in SERVICES} == {"done"}


def test_no_secret_is_in_what_the_engine_knows(cloud: Cloud) -> None:
    secrets = yaml.safe_load((cloud.place / "secrets.yaml").read_text(encoding="utf-8"))["now"].values()
    known = podman("container", "inspect", *(f"kollage-{name}" for name in [*SERVICES, "mariadb-bootstrap"]))
    assert secrets
    assert not [secret for secret in secrets if secret in known]


def test_a_service_that_is_killed_is_back(cloud: Cloud) -> None:
    before = cloud.state("memcached")
    os.kill(before["Pid"], signal.SIGKILL)
    until(lambda: cloud.state("memcached")["Running"] and cloud.state("memcached")["Pid"] != before["Pid"])


def test_killed_whole_and_launched_again_it_knows_all_that_it_knew(cloud: Cloud) -> None:
    for name in SERVICES:
        os.kill(cloud.state(name)["Pid"], signal.SIGKILL)
    cloud.up()
    assert answer(cloud.password) == 201


def test_new_secrets_are_brought_to_all(cloud: Cloud) -> None:
    before = cloud.password
    cloud.up("reconfigure", "--rotate-secrets")
    assert cloud.password != before
    assert answer(cloud.password) == 201
    assert answer(before) == 401


def test_stopped_and_launched_again_it_knows_all_that_it_knew(cloud: Cloud) -> None:
    cloud.run("down")
    cloud.up()
    assert answer(cloud.password) == 201


def test_nothing_of_it_remains_after_a_purge(cloud: Cloud) -> None:
    cloud.run("down", "--purge")
    marked = "--filter=label=com.docker.compose.project=kollage"
    assert podman("ps", "--all", "--quiet", marked) == ""
    assert podman("volume", "ls", "--quiet", marked) == ""
    assert not cloud.place.exists()
