"""The peer: kolla as the package index has it, in a virtual environment of its own that is made once."""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peer.environments import installed

VERSION = "23.0.0"
FASTER = Path(__file__).parent / "faster"


def made() -> Path:
    """The prefix of a virtual environment that has kolla and nothing of ours; made where it is not there yet."""
    return installed(f"kolla-{VERSION}", f"kolla=={VERSION}", "docker", "graphviz")  # it asks for docker anyway


@pytest.fixture(scope="session")
def peer() -> Path:
    """See `made`."""
    return made()


@pytest.fixture(scope="session")
def package(peer: Path) -> Path:
    """The peer's package: its templates are in `docker`, its repositories in `template`."""
    return next(peer.glob("lib/python3*/site-packages/kolla"))


@dataclass(frozen=True)
class Pair:
    """The peer and us, told the same things in an environment that holds nothing else."""

    peer: Path
    package: Path
    home: Path

    def kolla(self, *flags: str) -> "subprocess.CompletedProcess[str]":
        """Run the peer."""
        return self._run([self.peer / "bin" / "kolla-build", *flags], PYTHONPATH=str(FASTER))

    def kollage(self, *flags: str) -> "subprocess.CompletedProcess[str]":
        """Run our `kolla-build` on the peer's own tree."""
        own = [sys.executable, "-m", "kollage", "kolla-build"]
        return self._run([*own, f"--images-dir={self.package / 'docker'}", *flags])

    def both(self, *flags: str) -> tuple[str, str]:
        """What we print for these flags, and what the peer prints."""
        with ThreadPoolExecutor(2) as pool:
            ours, theirs = pool.submit(self.kollage, *flags), pool.submit(self.kolla, *flags)
            return ours.result().stdout, theirs.result().stdout

    def _run(self, command: Sequence[Path | str], **more: str) -> "subprocess.CompletedProcess[str]":
        home = str(self.home)  # for what the peer leaves among temporary files, too
        environ = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "COLUMNS": "200", **more}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environ, cwd=self.home)


@pytest.fixture(scope="session")
def pair(peer: Path, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(peer, package, tmp_path_factory.mktemp("home"))
