"""Real images, built once for all tests here, and containers that are gone when a test ends."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

TAG = "2026.2-debian-trixie"
# what is built for these tests: of each kind one; the whole catalogue has a proof of its own
CHOSEN = (
    "base", "keystone", "keystone-base", "keystone-fernet", "keystone-ssh", "kolla-toolbox", "mariadb-server",
    "memcached", "openstack-base", "rabbitmq",
)  # fmt: skip
WHICH = f"^({'|'.join(CHOSEN)})$"
FILES = Path(__file__).parent / "files"
os.environ["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1"  # newer ones print a word of it among what a container prints
# a sandbox may allow less than the engine's defaults, and crun refuses hybrid cgroups
_RUN = ("podman", "run", "--runtime=runc", "--ulimit=nofile=10000:10000", "--ulimit=nproc=10000:10000")


def kollage(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the program as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "kollage", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        check=False,
    )


def podman(*arguments: str) -> str:
    """Run podman and give what it prints."""
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout


@dataclass(frozen=True)
class Container:
    """A container that runs."""

    name: str

    def call(self, *command: str, user: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command in it."""
        as_user = [f"--user={user}"] if user else []
        return subprocess.run(
            ["podman", "exec", *as_user, self.name, *command], capture_output=True, text=True, check=False
        )

    def logs(self) -> str:
        done = subprocess.run(["podman", "logs", self.name], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def until(self, *command: str, user: str = "", seconds: float = 90) -> None:
        """Wait until a command in it succeeds."""
        end = time.monotonic() + seconds
        while (done := self.call(*command, user=user)).returncode:
            assert time.monotonic() < end, f"{command} never succeeded: {done.stderr}{done.stdout}\n{self.logs()}"
            time.sleep(0.5)


Start = Callable[..., Container]


@contextmanager
def running(image: str, *flags: str, command: Sequence[str] = ()) -> Iterator[Container]:
    """Start a container and remove it at the end."""
    name = podman(*_RUN[1:], "--detach", *flags, f"kolla/{image}:{TAG}", *command).strip()
    try:
        yield Container(name)
    finally:
        podman("rm", "--force", "--volumes", "--time=20", name)


def once(image: str, *flags: str, command: Sequence[str] = ()) -> str:
    """Run a container to its end, which must be a good one, and give what it printed."""
    done = subprocess.run(
        [*_RUN, "--rm", *flags, f"kolla/{image}:{TAG}", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{image} {command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def built() -> dict[str, dict[str, str]]:
    """The chosen images, built for Debian: the result of each by name."""
    done = kollage("build", "--format", "json", WHICH)
    results = json.loads(done.stdout)["results"] if done.stdout else []
    assert done.returncode == 0, f"{done.stderr}\n{json.dumps(results, indent=1)}"
    return {result["image"]: result for result in results}


@pytest.fixture
def volume() -> Iterator[Callable[[], str]]:
    """A function that makes a volume; all are removed after the test."""
    names: list[str] = []

    def make() -> str:
        names.append(podman("volume", "create").strip())
        return names[-1]

    yield make
    for name in names:
        podman("volume", "rm", "--force", name)


@pytest.fixture
def start(volume: object) -> Iterator[Start]:
    """A function that starts a container; all are removed after the test, before their volumes are."""
    with ExitStack() as stack:

        def begin(image: str, *flags: str, command: Sequence[str] = ()) -> Container:
            return stack.enter_context(running(image, *flags, command=command))

        yield begin


@pytest.fixture
def root(built: dict[str, dict[str, str]]) -> Iterator[Callable[[str], Path]]:
    """A function that mounts an image and gives its root."""
    mounted: list[str] = []

    def mount(image: str) -> Path:
        path = podman("image", "mount", f"kolla/{image}:{TAG}").strip()
        mounted.append(f"kolla/{image}:{TAG}")
        return Path(path)

    yield mount
    for reference in mounted:
        podman("image", "unmount", reference)


def _things() -> dict[str, list[str]]:
    """What may be left behind: containers, volumes and mounts of the engines."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return {
        "containers": sorted(podman("ps", "--all", "--external", "--quiet").split()),
        "volumes": sorted(podman("volume", "ls", "--quiet").split()),
        "mounts": sorted(line.split()[1] for line in mounts if "/containers/" in line.split()[1]),
    }


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """What earlier runs left may go meanwhile, for each run cleans up after killed ones; nothing may come."""
    before = _things()
    yield
    came = {kind: sorted(set(now) - set(before[kind])) for kind, now in _things().items()}
    assert not any(came.values()), f"left behind: {came}"
