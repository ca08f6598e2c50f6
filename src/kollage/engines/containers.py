"""Containers that run: what a service is started in to see it alive."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kollage import process
from kollage.process import CommandError, OnLine

RUN_LABEL = "kollage.run"  # on everything here: the folder of the run that it belongs to
_NETWORK_ADMIN = ("--cap-add=NET_ADMIN", "--cap-add=NET_RAW")  # interfaces, addresses, routes; packets of any kind
_TUN = Path("/dev/net/tun")  # interfaces that a program is the other end of
_CONFIGURATION = "/var/lib/kolla/config_files"
_EACH = 'for p in /proc/[0-9]*; do read -r line < "$p/stat" 2>/dev/null && printf "%s\\n" "$line"; done'
PROCESSES = ("sh", "-c", _EACH)  # prints the line of /proc/PID/stat of each process


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is started. Nothing in it depends on the engine."""

    reference: str
    configuration: Path  # the folder of its configuration
    environment: Mapping[str, str]
    volumes: Mapping[str, str]  # a volume's name -> the folder in the container
    network: str  # none, host, or container:<id>: that container's
    network_admin: bool = False  # whether it may make and change what its network consists of
    ipc: str = "shareable"  # its IPC namespace: one that others may join, or container:<id>: that container's
    pid: str = ""  # its PID namespace: "": one of its own, or container:<id>: that container's


@dataclass(frozen=True, slots=True)
class Containers:
    """Runs containers with podman or docker, which take the same flags for all that is needed here."""

    program: tuple[str, ...]
    limits: tuple[str, ...] = ()
    more: tuple[str, ...] = ()  # flags that every container gets
    run_folder: str = ""  # of the run that they belong to

    def start(self, service: Service) -> str:
        """Start a service and give its container's id; a `CommandError` where the engine cannot."""
        return process.run([*self.program, "run", "--detach", *self._flags(service), service.reference]).strip()

    def hold(self, reference: str) -> str:
        """Start a container that does nothing but have a network of its own, for others to join; give its id."""
        flags = ["--network=none", "--entrypoint=", "--stop-signal=KILL", *self.more, *self._label(), *self._limits()]
        return process.run([*self.program, "run", "--detach", *flags, reference, "sleep", "infinity"]).strip()

    def run(self, service: Service, on_line: OnLine | None = None) -> str:
        """Run a container to its end and give what it printed; with `on_line` that goes there as it comes."""
        command = [*self.program, "run", "--rm", *self._flags(service), service.reference]
        return process.run(command, on_line=on_line)

    def ask(self, reference: str, command: Sequence[str]) -> str:
        """Run a command in a container of its own, without a network, and give what it printed on both streams."""
        lines: list[str] = []
        flags = ["--rm", "--network=none", "--entrypoint=", *self.more, *self._label(), *self._limits()]
        process.run([*self.program, "run", *flags, reference, *command], on_line=lines.append)
        return "\n".join(lines)

    def call(self, container: str, command: Sequence[str]) -> str:
        """Run a command in a container that runs, and give what it printed."""
        return process.run([*self.program, "exec", container, *command])

    def is_running(self, container: str) -> bool:
        """Whether its first process has not ended."""
        return bool(self._state(container)["Running"])

    def stop(self, container: str, seconds: int) -> int:
        """Ask a container to end, kill it when the time is over, and give the exit status of its first process."""
        process.run([*self.program, "stop", f"--time={seconds}", container])
        return int(str(self._state(container)["ExitCode"]))

    def logs(self, container: str) -> list[str]:
        """What a container has printed."""
        lines: list[str] = []
        process.run([*self.program, "logs", container], on_line=lines.append)
        return lines

    def processes(self, container: str) -> list[str]:
        """The processes in a container: the line of /proc/PID/stat of each."""
        return self.call(container, PROCESSES).splitlines()

    def volume(self) -> str:
        """Make a volume and give its name."""
        return process.run([*self.program, "volume", "create", *self._label()]).strip()

    def remove(self, containers: Iterable[str], volumes: Iterable[str]) -> None:
        """Remove containers, running or not, and volumes; what is gone already is fine."""
        for kind, names in (("container", containers), ("volume", volumes)):
            for name in names:
                self._removed(kind, name)

    def sweep(self, run_folder: str) -> None:
        """Remove what is left of a run that is no more."""
        marked = f"--filter=label={RUN_LABEL}={run_folder}"
        containers = process.run([*self.program, "ps", "--all", "--quiet", "--no-trunc", marked]).split()
        self.remove([*containers, *containers], ())  # one whose network others share goes only after them
        self.remove((), process.run([*self.program, "volume", "ls", "--quiet", marked]).split())

    def _removed(self, kind: str, name: str) -> None:
        anonymous = ["--volumes"] if kind == "container" else []
        try:
            process.run([*self.program, kind, "rm", "--force", *anonymous, name], after_end=True)
        except CommandError:
            return

    def _state(self, container: str) -> Mapping[str, object]:
        state = json.loads(process.run([*self.program, "container", "inspect", container]))[0]["State"]
        return dict(state)

    def _flags(self, service: Service) -> list[str]:
        return [
            f"--network={service.network}",
            f"--ipc={service.ipc}",
            *([f"--pid={service.pid}"] if service.pid else ()),
            *(_network_admin() if service.network_admin else ()),
            *self.more,
            *self._label(),
            *self._limits(),
            *(f"--env={name}={value}" for name, value in sorted(service.environment.items())),
            f"--volume={service.configuration}:{_CONFIGURATION}:ro",
            *(f"--volume={name}:{folder}" for name, folder in sorted(service.volumes.items())),
        ]

    def _label(self) -> list[str]:
        return [f"--label={RUN_LABEL}={self.run_folder}"] if self.run_folder else []

    def _limits(self) -> list[str]:
        return [f"--ulimit={limit}" for limit in self.limits]


def _network_admin() -> tuple[str, ...]:
    """The flags that let a container administer its network; not every host has such interfaces."""
    return (*_NETWORK_ADMIN, f"--device={_TUN}") if _TUN.exists() else _NETWORK_ADMIN
