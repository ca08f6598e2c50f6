"""A run that is killed at any moment is continued: what ended is reused, nothing half made is taken for whole."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import kollage
from tests.engine.engines.conftest import BASE, output, store, until

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("apart")]

IMAGES = 6
KILLS = 5
# each file is written in two halves, some time apart, so that a kill can come between them
STEP = "RUN echo begun > /{0}; sleep 0.4; for i in $(seq 200); do echo {0} >> /{0}; done; echo whole >> /{0}\n"


@dataclass(frozen=True)
class Site:
    """A machine's folders and the flags of every run there."""

    folder: Path

    @property
    def flags(self) -> list[str]:
        base = ["--base-image=t/base", "--base-tag=1", "--tag=1", "--format=json", "--threads=2"]
        return ["--engine=buildah", f"--cache-dir={self.folder}/cache", f"--images-dir={self.folder}/docker", *base]

    def killed(self, seconds: float) -> None:
        """A run that is killed, with all that it started, that long after it took up a first step."""
        command, before = [sys.executable, "-m", "kollage", "build", *self.flags], self.logs()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        until(lambda: child.poll() is not None or self.logs() - before, "a step")
        time.sleep(seconds)
        for pid in descendants(child.pid):  # commands have groups of their own, so that an interrupt reaches each
            with suppress(ProcessLookupError):  # what a killed run had started may have ended meanwhile
                os.kill(pid, signal.SIGKILL)
        child.wait()

    def logs(self) -> set[Path]:
        """The logs of all steps that were ever taken up."""
        return set((self.folder / "cache").glob("logs/*/*.log"))

    def finish(self) -> dict[str, str]:
        """A run to its end: how each step ended."""
        done = kollage("build", *self.flags)
        assert done.returncode == 0, done.stderr + done.stdout
        return {row["step"]: row["status"] for row in json.loads(done.stdout)["results"]}


def descendants(pid: int) -> list[int]:
    """A process and all that it started, itself first."""
    found = [pid]
    for each in found:
        for path in Path(f"/proc/{each}/task").glob("*/children"):
            found += map(int, path.read_text().split())
    return found


@pytest.fixture
def site(tmp_path: Path, archive: Path) -> Iterator[Site]:
    """A chain of images and one beside it, on a base."""
    texts = {"image-0": "FROM {{ base_image }}:{{ base_distro_tag }}\n" + STEP.format("image-0")}
    for number in range(1, IMAGES):
        parent = number - 1 if number < IMAGES - 1 else 0
        head = f"FROM {{{{ namespace }}}}/{{{{ image_prefix }}}}image-{parent}:{{{{ tag }}}}\n"
        texts[f"image-{number}"] = head + STEP.format(f"image-{number}")
    for name, text in texts.items():
        (tmp_path / "docker" / name).mkdir(parents=True)
        (tmp_path / "docker" / name / "Dockerfile.j2").write_text(text)
    with store(tmp_path):
        (tmp_path / "Dockerfile").write_text(f"FROM scratch\nADD {archive.name} /\n")
        output("buildah", "bud", f"--tag={BASE}", "--isolation=chroot", f"--file={tmp_path}/Dockerfile",
               str(archive.parent))  # fmt: skip
        yield Site(tmp_path)


def content(name: str) -> list[str]:
    """The lines of what an image's own step wrote."""
    container = output("buildah", "from", "--pull-never", f"kolla/{name}:1").strip()
    try:
        root = Path(output("buildah", "mount", container).strip())
        return (root / name).read_text().splitlines()
    finally:
        output("buildah", "rm", container)


def test_it_is_continued_wherever_it_was_killed_and_nothing_half_made_is_kept(site: Site) -> None:
    moments = random.Random(7)
    for _ in range(KILLS):
        site.killed(moments.uniform(0.0, 1.2))
    ended = site.finish()
    assert set(ended.values()) <= {"built", "reused"}, ended
    for number in range(IMAGES):
        name = f"image-{number}"
        lines = content(name)
        assert (lines[0], len(lines), lines[-1]) == ("begun", 202, "whole"), name
    assert set(site.finish().values()) == {"reused"}
    left = output("buildah", "containers", "--quiet").split()
    assert left == [], "working containers of killed runs are still there"


def test_what_had_ended_before_the_kill_is_not_built_again(site: Site) -> None:
    site.killed(0.0)
    done = kollage("build", *site.flags, "^image-1$")
    assert done.returncode == 0, done.stderr
    site.killed(0.3)
    ended = site.finish()
    assert (ended["build:image-0"], ended["build:image-1"]) == ("reused", "reused")
