"""One host, on which kolla-ansible has deployed the images of this catalogue."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

import pytest

from tests.engine.conftest import kollage
from tests.engine.kolla_ansible.host import FILES, RELEASE, Host, installed, opened

IMAGES = (
    "cron", "glance-api", "horizon", "keystone", "keystone-fernet", "keystone-ssh", "kolla-toolbox",
    "mariadb-clustercheck", "mariadb-server", "memcached", "openstackclient", "placement-api", "rabbitmq",
)  # fmt: skip
WHICH = f"^({'|'.join(IMAGES)})$"
REGISTRY = "127.0.0.1:4000"


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> None:
    """Here `folder` looks after what is left; the machine's own stores have no part."""


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where everything is; nothing below it may be in use at the end."""
    made = Path(tempfile.mkdtemp(prefix="kollage-"))
    yield made
    end = time.monotonic() + 30
    while str(made) in Path("/proc/self/mounts").read_text():
        assert time.monotonic() < end
        time.sleep(0.2)
    shutil.rmtree(made)


@contextmanager
def registry(folder: Path) -> Iterator[None]:
    """A registry on this machine, which keeps its images in a folder."""
    config = folder / "push.yml"
    config.write_text(Template((FILES / "registry.yml").read_text()).substitute(folder=folder))
    with (folder / "push.log").open("wb") as log:
        child = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        child.wait()


@pytest.fixture(scope="session")
def host(folder: Path) -> Iterator[Host]:
    """The host; its registry has the images."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with registry(folder):
        done = kollage("build", f"--release={RELEASE}", f"--registry={REGISTRY}", "--push", WHICH)
        assert done.returncode == 0, done.stdout + done.stderr
    with opened(folder, installed()) as made:
        yield made
