"""What runs the containers of a cloud: the engine, and the compose program that goes with it."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kollage import process
from kollage.deploy import compose
from kollage.engines.containers import Containers
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError, OnLine

_STOP = 30  # seconds that a container has to end
_ENDED = {"Z", "X"}  # proc(5): a zombie, and one that is about to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A container of the cloud, as the engine has it."""

    unit: str
    digest: str
    running: bool
    exit_code: int
    restarts: int
    since: str = ""
    once: bool = False  # whether it is a job
    interfaces: tuple[str, ...] = ()  # of the host that it makes
    lost: bool = False  # whether the engine takes it for running, and its process is gone, as after a cut of power


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs a cloud that is written in a folder."""

    containers: Containers
    folder: Path

    def found(self) -> Mapping[str, Found]:
        """Every container of the cloud, by its unit. Raises `UsageError` for those of another one."""
        marked = f"--filter=label={compose.LABEL}"
        ids = process.run([*self.containers.program, "ps", "--all", "--quiet", "--no-trunc", marked]).split()
        if not ids:
            return {}
        rows = json.loads(process.run([*self.containers.program, "container", "inspect", *ids]))
        for row in rows:
            other = row["Config"]["Labels"].get(compose.CLOUD, str(self.folder))
            if other != str(self.folder):
                raise UsageError(
                    f"this machine has a cloud already, in {other}", hint=f"that one is meant by --cloud-dir {other}"
                )
        return {each.unit: each for each in map(_found, rows)}

    def create(self, names: Sequence[str], on_line: OnLine) -> None:
        """Make the containers of units that have none."""
        if names:
            program = _compose(self.containers.program[0])
            command = [*program, f"--file={compose.FILE}", "up", "--no-start", "--no-deps", *names]
            process.run(command, cwd=self.folder, on_line=on_line)

    def start(self, name: str) -> None:
        """Start a container that is there."""
        self._run("start", compose.container(name))

    def wait(self, name: str) -> int:
        """Wait until a job has ended, and give its exit status."""
        return int(self._run("wait", compose.container(name)).split()[-1])

    def ailment(self, name: str, check: str) -> str:
        """What keeps a service from its work, in the words of its health check; "" where nothing does."""
        try:
            self._run("exec", compose.container(name), "sh", "-c", check, timeout=60)
        except CommandError as error:
            return error.tail[-1] if error.tail else f"its health check ended with {error.code}"
        return ""

    def restarts(self, name: str) -> int:
        """How often the engine has started a container again that ended by itself."""
        return int(self._run("container", "inspect", "--format={{.RestartCount}}", compose.container(name)))

    def stop(self, names: Sequence[str]) -> None:
        """Ask containers to end, all at once; one that takes too long is killed."""
        if names:
            self._run("stop", f"--time={_STOP}", *map(compose.container, names))

    def remove(self, names: Sequence[str]) -> None:
        """Stop and remove containers, all at once where that goes well."""
        called = list(map(compose.container, names))
        if not called:
            return
        with suppress(CommandError):  # what cannot be asked to end is removed all the same
            self.stop(names)
        try:
            self._run("container", "rm", "--force", "--volumes", *called)
        except CommandError:  # one may be gone meanwhile; the others have to go
            self.containers.remove(called, ())

    def lines(self, name: str, count: int, log: str = "") -> list[str]:
        """The last lines that a container printed, or wrote into its log."""
        if log and (folder := self._volume(compose.LOGS)):
            with_log = Path(folder, log)
            if with_log.is_file():
                return with_log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        lines: list[str] = []
        process.run(
            [*self.containers.program, "logs", f"--tail={count}", compose.container(name)], on_line=lines.append
        )
        return lines

    def volumes(self) -> list[str]:
        """The names of the cloud's volumes in the engine."""
        marked = f"--filter=label=com.docker.compose.project={compose.PROJECT}"
        return self._run("volume", "ls", "--quiet", marked).split()

    def remove_volumes(self, names: Iterable[str]) -> None:
        """Remove volumes, with all that is in them."""
        self.containers.remove((), names)

    def _volume(self, name: str) -> str:
        try:
            rows = json.loads(self._run("volume", "inspect", f"{compose.PROJECT}_{name}"))
        except CommandError:
            return ""
        return str(rows[0]["Mountpoint"])

    def _run(self, *arguments: str, timeout: float | None = None) -> str:
        return process.run([*self.containers.program, *arguments], timeout=timeout)


def _found(row: Mapping[str, object]) -> Found:
    state, config = row["State"], row["Config"]
    assert isinstance(state, dict)  # noqa: S101 - as both engines answer
    assert isinstance(config, dict)  # noqa: S101
    return Found(
        unit=str(row["Name"]).removeprefix("/").removeprefix(f"{compose.PROJECT}-"),
        digest=config["Labels"].get(compose.LABEL, ""),
        running=bool(state["Running"]) and not _is_gone(state),
        lost=bool(state["Running"]) and _is_gone(state),
        exit_code=int(state["ExitCode"]),
        restarts=int(str(row.get("RestartCount", 0))),
        since=str(state.get("StartedAt", "")),
        once=config["Labels"].get(compose.JOB) == "true",
        interfaces=tuple(config["Labels"].get(compose.INTERFACES, "").split()),
    )


def _is_gone(state: Mapping[str, object]) -> bool:
    """Whether a container's first process has ended: if its watcher died, too, nobody told the engine.

    Nobody asked for how it ended either, so it may be there as a zombie until the system's first process does.
    """
    process_id = int(str(state.get("Pid") or 0))
    if process_id <= 0:
        return False
    try:
        status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in _ENDED


def _compose(engine: str) -> Sequence[str]:
    """The compose program that works with an engine. Raises `EngineError` where it is not installed."""
    programs: Mapping[str, Sequence[Sequence[str]]] = {
        "podman": ([sys.executable, "-m", "podman_compose"], ["podman-compose"]),
        "docker": (["docker", "compose"], ["docker-compose"]),
    }
    for program in programs[engine]:
        if _is_there(program):
            return program
    raise EngineError(
        f"no program of {engine} reads Compose files",
        hint="install it: pip install 'kollage[launch]' has podman-compose; docker has its plugin compose",
    )


def _is_there(program: Sequence[str]) -> bool:
    if program[0] == sys.executable:
        return importlib.util.find_spec(program[2]) is not None
    if not shutil.which(program[0]):
        return False
    try:
        process.run([*program, "version"], timeout=30)
    except CommandError:
        return False
    return True
