"""Clusters of containers from this catalogue's images, each on a network of its own."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from string import Template

import pytest

from tests.engine.clusters.lan import Lan, lan, left
from tests.engine.conftest import Container, kollage, podman, running

FILES = Path(__file__).parent / "files"
LABEL = f"kollage.tests=clusters-{os.getpid()}"
STRATEGY = "--env=KOLLA_CONFIG_STRATEGY=COPY_ALWAYS"
PATIENCE = 300  # seconds that a service may take on a machine that does much else

Network = Callable[..., Lan]
Images = Callable[..., None]
Node = Callable[..., Container]
Volume = Callable[[], str]


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """As in the tests around, but for what this run marks as its own: others may work on this machine."""
    yield
    labelled = f"--filter=label={LABEL}"
    assert podman("ps", "--all", "--quiet", labelled) == ""
    assert podman("volume", "ls", "--quiet", labelled) == ""
    assert left() == []


@pytest.fixture(scope="session")
def images() -> Images:
    """A function that builds images which are not there yet."""

    def build(*names: str) -> None:
        done = kollage("build", "--format=json", f"^({'|'.join(names)})$")
        assert done.returncode == 0, done.stderr + json.dumps(json.loads(done.stdout or "{}"), indent=1)

    return build


@pytest.fixture
def network() -> Iterator[Network]:
    """A function that makes a network of nodes with these names; it is gone after the test."""
    with ExitStack() as stack:
        yield lambda *names: stack.enter_context(lan(names))


@pytest.fixture
def keep(network: Network) -> Iterator[Volume]:
    """A function that makes a volume, which outlives the containers of a test and not the test."""
    names: list[str] = []

    def make() -> str:
        names.append(podman("volume", "create", f"--label={LABEL}").strip())
        return names[-1]

    yield make
    for name in names:
        podman("volume", "rm", "--force", name)


@pytest.fixture
def node(network: Network, keep: Volume) -> Iterator[Node]:
    """A function that starts a container; all are removed after the test, before their networks and volumes are."""
    with ExitStack() as stack:

        def begin(image: str, *flags: str, command: tuple[str, ...] = ()) -> Container:
            return stack.enter_context(running(image, f"--label={LABEL}", *flags, command=command))

        yield begin


def configuration(tmp_path: Path, service: str, node: str = "", /, **values: str) -> tuple[str, ...]:
    """The flags that give a container the files of a service, with values for their `$names`."""
    folder = tmp_path / f"configuration-{service}-{node}"
    shutil.copytree(FILES / service, folder, dirs_exist_ok=True)
    for path in folder.iterdir():
        path.write_text(Template(path.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
        path.chmod(0o644)
    folder.chmod(0o755)
    return (STRATEGY, f"--volume={folder}:/var/lib/kolla/config_files:ro")


def says(container: Container, *command: str) -> str:
    """What a command in a container prints, which has to succeed."""
    done = container.call(*command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}\n{container.logs()}"
    return done.stdout.strip()


def shell(container: Container, script: str) -> str:
    """What a line of shell prints in a container."""
    return says(container, "bash", "-euc", script)


def wait(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"it never came that {what}"
        time.sleep(0.5)


def page(node: Node, lan: Lan, name: str) -> None:
    """Serve a page at port 8000 of a node, which says the node's name."""
    serve = "mkdir /tmp/pages; echo $HOSTNAME > /tmp/pages/index.html; cd /tmp/pages; exec python3 -m http.server 8000"
    node("base", *lan.flags(name), command=("bash", "-c", serve))


def read(lan: Lan, reader: str, where: str) -> str:
    """What a page says to a node; "" where nobody answers."""
    return lan.call(reader, "curl", "--disable", "--silent", "--max-time", "20", f"http://{where}/").stdout.strip()
