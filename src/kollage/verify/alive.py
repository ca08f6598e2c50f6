"""Dynamic checks: the service is started as a deployment starts it, seen healthy, and asked to end."""

import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from kollage import process
from kollage.engines.containers import Containers, Service
from kollage.image import Image
from kollage.process import CommandError, OnLine
from kollage.results import Finding

_COPY = {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"}
_LOOKS = 3  # further ones for a dead process, before nobody waits for it
_PAUSE = 0.5  # seconds between two questions whether a service is healthy
_MOST = 10.0  # times longer, however busy a machine is
_LAST = 15  # lines of its log that a failure shows


class Runtime(Protocol):
    """What services run in: containers of an engine, or machines. Every method may raise `CommandError`."""

    def start(self, service: Service) -> str:
        """Start a service and give the name that the other methods know it by."""

    def call(self, container: str, command: Sequence[str]) -> str:
        """Run a command beside a service, and give what it printed."""

    def is_running(self, container: str) -> bool:
        """Whether a service has not ended."""

    def processes(self, container: str) -> list[str]:
        """The processes of a service: the line of /proc/PID/stat of each."""

    def stop(self, container: str, seconds: int) -> int:
        """Ask a service to end, kill it when the time is over, and give its exit status."""

    def logs(self, container: str) -> list[str]:
        """What a service has printed."""

    def remove(self, containers: Iterable[str], volumes: Iterable[str]) -> None:
        """Remove services, running or not, and the volumes that were made for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where services are started: what runs containers, and the services that run beside, by the image's name."""

    containers: Containers
    runtime: Runtime  # what the service itself runs in: the same containers, but for one that needs a machine
    beside: Mapping[str, str]  # image -> container
    volumes: Mapping[str, str] = field(default_factory=dict)  # folder -> volume, of what the service needs beside it
    network: str = "none"
    scratch: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A service that was started, with what has to be removed when it is no longer needed."""

    container: str
    volumes: Mapping[str, str]  # those that were made for it: volume -> folder


def check(image: Image, reference: str, stage: Stage, on_line: OnLine) -> Iterator[Finding]:
    """Start the service of an image, see it healthy and ask it to end; nothing where it is not started at all."""
    if image.verify.version:
        yield from _version(image, reference, stage, on_line)
    if not image.verify.healthy:
        return
    try:
        with running(image, reference, stage, on_line) as started:
            trouble = wait(image, started.container, stage.runtime)
            yield from [trouble] if trouble else _ended(image, started.container, stage.runtime, on_line)
    except CommandError as error:
        yield _finding("start", image, f"it does not start: {error.message}")


@contextmanager
def running(image: Image, reference: str, stage: Stage, on_line: OnLine) -> Iterator[Started]:
    """Start the service of an image; it is removed at the end, with its volumes."""
    with ExitStack() as stack:
        started = start(image, reference, stage, on_line)
        stack.callback(stage.runtime.remove, [started.container], started.volumes)
        yield started


def start(image: Image, reference: str, stage: Stage, on_line: OnLine) -> Started:
    """Bootstrap the service where it has to be, and start it. Whoever calls removes what was started."""
    facts = image.verify
    folder = _configuration(image, stage.scratch)
    for name, command in facts.prepare.items():
        on_line(f"{name}: {stage.containers.call(stage.beside[name], command).strip()}")
    shared = {stage.volumes[place]: place for place in facts.volumes if place in stage.volumes}
    own = {stage.containers.volume(): place for place in facts.volumes if place not in stage.volumes}
    service = Service(
        reference=reference,
        configuration=folder,
        environment={**_COPY, **facts.environment},
        volumes={**shared, **own},
        network=stage.network,
        network_admin=facts.network_admin,
        ipc=f"container:{stage.beside[facts.ipc]}" if facts.ipc else "shareable",
        pid=f"container:{stage.beside[facts.pid]}" if facts.pid else "",
    )
    try:
        if facts.bootstrap:
            once = {**service.environment, "KOLLA_BOOTSTRAP": ""}
            on_line(stage.containers.run(replace(service, environment=once)))
        return Started(container=stage.runtime.start(service), volumes=own)
    except CommandError:
        stage.containers.remove([], own)
        raise


def wait(image: Image, container: str, runtime: Runtime) -> Finding | None:
    """Wait until a service is healthy; the finding that it is not, with its last lines and its processes."""
    began, said = time.monotonic(), ""
    while time.monotonic() < began + (allowed := image.verify.seconds * slowness()):
        try:
            runtime.call(container, image.verify.healthy)
        except CommandError as error:
            said = error.message
            if not runtime.is_running(container):
                return _finding("start", image, _with_log("it ended by itself", container, runtime))
            process.pause(_PAUSE)
        else:
            return None
    processes = "\n".join(_commands(runtime.processes(container)))
    text = f"it was not healthy within {allowed:.0f} s: {said}\nits processes:\n{processes}"
    return _finding("health", image, _with_log(text, container, runtime))


def slowness() -> float:
    """How many times longer everything may take than on a machine that is free: as busy as its processors are.

    What an image states holds for such a machine; that others build and verify meanwhile is no fault of a service.
    """
    return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), _MOST)


def _version(image: Image, reference: str, stage: Stage, on_line: OnLine) -> Iterator[Finding]:
    """Run the command that prints the service's version, which has to print one."""
    try:
        printed = stage.containers.ask(reference, image.verify.version)
    except CommandError as error:
        yield _finding("version", image, f"its version cannot be asked: {error.message}")
        return
    on_line(printed.strip())
    if not re.search(r"\d+\.\d+", printed):
        yield _finding("version", image, f"{' '.join(image.verify.version)} prints no version: {printed.strip()!r}")


def _ended(image: Image, container: str, runtime: Runtime, on_line: OnLine) -> Iterator[Finding]:
    """Ask a healthy service to end: in time, and without a dead child that nobody has taken care of."""
    if zombies := _zombies(container, runtime):
        yield _finding("zombies", image, f"dead processes that nobody waited for: {', '.join(_commands(zombies))}")
    began, allowed = time.monotonic(), image.verify.stop_seconds * slowness()
    runtime.stop(container, round(allowed) + 5)
    took = time.monotonic() - began
    on_line(f"it ended after {took:.1f} s")
    if took > allowed:
        text = f"asked to end, it takes {took:.0f} s and not {allowed:.0f}"
        yield _finding("stop", image, _with_log(text, container, runtime))


def _zombies(container: str, runtime: Runtime) -> list[str]:
    """The dead processes that stay: between a process's end and its parent's notice it is one for a moment."""

    def dead() -> dict[str, str]:
        found = (line.partition(") Z ") for line in runtime.processes(container))
        return {who: f"{who}) Z {rest}" for who, is_dead, rest in found if is_dead}

    staying = dead()
    for _ in range(_LOOKS):
        if not staying:
            break
        process.pause(_PAUSE * slowness())
        staying = {who: line for who, line in dead().items() if who in staying}
    return list(staying.values())


def _configuration(image: Image, scratch: Path) -> Path:
    """A copy of the service's configuration that every user of a container can read, and none can change."""
    place = scratch / f"configuration-{image.name}"
    place.mkdir(mode=0o755, exist_ok=True)
    for name, file in image.configuration.items():
        shutil.copyfile(file.path, place / name)
        (place / name).chmod(0o644)
    return place


def _with_log(text: str, container: str, runtime: Runtime) -> str:
    lines = runtime.logs(container)[-_LAST:]
    return "\n".join([f"{text}; its last lines:", *lines])


def _commands(stats: list[str]) -> list[str]:
    """The names of processes, from their lines of /proc/PID/stat."""
    return [f"{line.split(' ')[0]} {line[line.find('(') + 1 : line.rfind(')')]}" for line in stats]


def _finding(what: str, image: Image, message: str) -> Finding:
    return Finding(check=f"alive.{what}", subject=image.name, message=message)
