"""A small world below one folder: a home, a catalogue, a fake engine on PATH, and the program as a user runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

FAKES = Path(__file__).parent / "fake"
BASE = "example.org/debian"
PARENTS = {"base": "", "app": "base", "app-api": "app", "tool": "base"}
# the same images with whole Dockerfiles, as Kolla has them: each folder with what the image stands on
WHOLE = {"base": "", "app/app-base": "base", "app/app-api": "app-base", "tool": "base"}
_FROM = "FROM {{ namespace }}/{{ image_prefix }}%s:{{ tag }}\n"
_FROM_BASE = "FROM {{ base_image }}:{{ base_distro_tag }}\n"
_WHOLE = """\
LABEL maintainer="{{{{ maintainer }}}}" name="{{{{ image_name }}}}"
{{% block {stem}_header %}}{{% endblock %}}
RUN make {name} of {{{{ base_distro }}}}
{{% block {stem}_footer %}}{{% endblock %}}
{{% block footer %}}{{% endblock %}}
"""
RELEASE = 'name = "2026.2"\ncodename = "Test"\nepoch = "2026-11-01"\n[projects]\nthing = "1.0"\n'
LONG = 120  # seconds after which a program that should have ended is one that hangs


@dataclass(frozen=True)
class Outcome:
    """How a run ended, with times and the world's own folder taken out of what was printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class World:
    root: Path

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def cache(self) -> Path:
        return self.root / "cache/kollage"

    @property
    def engine(self) -> Path:
        return self.root / "engine"

    @property
    def scratch(self) -> list[str]:
        """What runs left in the folder that they work in, and among temporary files."""
        return sorted(path.name for path in (*self.cache.glob("runs/run-*"), *(self.root / "tmp").iterdir()))

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": str(self.root / "bin"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "TMPDIR": str(self.root / "tmp"),
            "FAKE_BUILDAH": str(self.engine),
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def run(self, *argv: str, **more: str) -> Outcome:
        """Run the program to its end; `more` are further variables of its environment."""
        child = self.start(*argv, **more)
        return self.end(child)

    def start(self, *argv: str, **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "kollage", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(**more),
            cwd=self.root / "here",
        )

    def end(self, child: "subprocess.Popen[str]") -> Outcome:
        try:
            out, err = child.communicate(timeout=LONG)
        finally:
            child.kill()
        return Outcome(child.returncode, self.plain(out), self.plain(err))

    def interrupt(self, number: signal.Signals, image: str, *argv: str) -> Outcome:
        """Start a build, and send a signal while the engine is busy with one image."""
        child = self.start(*argv)
        until((self.engine / f"sleeps-{image}").exists)
        child.send_signal(number)
        return self.end(child)

    def plain(self, text: str) -> str:
        text = text.replace(str(self.root), "~")
        text = re.sub(r"\d{8}-\d{6}-[a-z0-9_]+", "RUN", text)
        return re.sub(r"\b\d+s\b", "0s", text)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def image(self, name: str, toml: str, template: str | None = None) -> None:
        self.write(f"images/{name}/image.toml", f'description = "The image {name}"\n{toml}')
        if template is not None:
            self.write(f"images/{name}/Dockerfile.j2", template)

    def tree(self, more: str = "") -> Path:
        """Make a tree of whole Dockerfiles beside the catalogue, and let the file say that images are there."""
        for place, parent in WHOLE.items():
            name = place.rpartition("/")[2]
            self.whole(place, _WHOLE.format(name=name, stem=name.replace("-", "_")), parent)
        self.configure(f"[DEFAULT]\nimages_dir = {self.root / 'docker'}\nbase = debian\nbase_image = {BASE}\n{more}")
        return self.root / "docker"

    def whole(self, place: str, template: str, parent: str = "base") -> Path:
        """An image with a whole Dockerfile: what it stands on, and the template behind that."""
        return self.write(f"docker/{place}/Dockerfile.j2", (_FROM % parent if parent else _FROM_BASE) + template)

    def configure(self, text: str) -> None:
        self.write("home/kolla-build.conf", text)

    def behave(self, **facts: object) -> None:
        """Tell the fake engine what to do, such as `images={"app": {"fails": ["no"]}}`."""
        self.write("engine/behaviour.json", json.dumps(facts))

    def notes(self, name: str) -> list[Any]:
        """What the fakes wrote down: calls, orders, bootstraps."""
        path = self.engine / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def built(self) -> list[str]:
        """The images that the engine was told to build, in order."""
        return [order["labels"].get("org.opencontainers.image.title", "") for order in self.notes("orders")]

    def order(self, image: str) -> Mapping[str, Any]:
        """The last order to build an image."""
        found: Mapping[str, Any] = self.notes("orders")[::-1][self.built()[::-1].index(image)]
        return found

    def names(self) -> set[str]:
        """Every name in the engine's store, but those that say what an image is made of."""
        rows = json.loads((self.engine / "images.json").read_text(encoding="utf-8")).values()
        return {name for row in rows for name in row["names"] if ":fp-" not in name}

    def containers(self) -> list[str]:
        path = self.engine / "containers.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def make(root: Path) -> World:
    """A world with a catalogue of four images on a base image that the store has."""
    world = World(root)
    for folder in ("here", "tmp", "home", "bin", "engine"):
        (root / folder).mkdir(parents=True)
    for name in ("buildah", "mmdebstrap"):
        fake(world, name)
    tools = f"cache/kollage/tools/uv-{version('uv')}/uv"
    world.write(tools, "not the real one, which takes a while to copy")
    for name, parent in PARENTS.items():
        world.image(name, f'parent = "{parent}"\n' if parent else "", f"RUN make {name}\n")
    world.write("images/releases/2026.2.toml", RELEASE)
    world.write("images/releases/2026.2.lock", "")
    world.configure(f"[DEFAULT]\nimages_dir = {world.images}\nbase_image = {BASE}\n")
    in_store = {"0" * 64: {"names": [f"{BASE}:{tag}" for tag in ("trixie", "10")], "labels": {}}}
    world.write("engine/images.json", json.dumps(in_store))
    return world


def fake(world: World, name: str) -> None:
    """Put a fake program on the world's PATH."""
    path = world.write(f"bin/{name}", f'#!/bin/sh\nexec "{sys.executable}" -I -S "{FAKES / name}.py" "$@"\n')
    path.chmod(0o755)


def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens in another process."""
    for _ in range(LONG * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end_group(pids: Sequence[int]) -> None:
    """End what a test left running on purpose."""
    for pid in filter(is_alive, pids):
        os.kill(pid, signal.SIGKILL)
