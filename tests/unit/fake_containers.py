"""Containers that exist in memory only and do what a test says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kollage.engines.containers import Containers, Service
from kollage.process import CommandError, OnLine


def refused(*words: str) -> CommandError:
    return CommandError(words, 1, ["no"])


@dataclass(frozen=True)
class FakeContainers(Containers):
    program: tuple[str, ...] = ("fake",)
    started: list[Service] = field(default_factory=list)
    once: list[Service] = field(default_factory=list)  # that were run to their end
    called: list[tuple[str, ...]] = field(default_factory=list)  # the container, and the command in it
    gone: list[str] = field(default_factory=list)  # containers and volumes, as they were removed
    healthy_after: int = 0  # questions
    starts: bool = True
    runs: bool = True  # whether what was started has not ended by itself
    version: str = "app 1.2"
    alive: tuple[str, ...] = ("1 (dumb-init) S 0", "7 (app) S 1")  # lines of /proc/PID/stat
    dying: list[str] = field(default_factory=list)  # further ones, each at one look

    def start(self, service: Service) -> str:
        if not self.starts:
            raise refused("run")
        self.started.append(service)
        return f"c{len(self.started)}"

    def hold(self, reference: str) -> str:
        return f"holder of {reference}"

    def run(self, service: Service, on_line: OnLine | None = None) -> str:
        self.once.append(service)
        return "bootstrapped"

    def ask(self, reference: str, command: Sequence[str]) -> str:
        return self.version

    def call(self, container: str, command: Sequence[str]) -> str:
        self.called.append((container, *command))
        if command[0] == "is-healthy" and len(self.called) <= self.healthy_after:
            raise refused("exec")
        if command[0] != "sh":
            return "done"
        passing = self.dying[:1]
        del self.dying[:1]
        return "\n".join([*self.alive, *passing])

    def is_running(self, container: str) -> bool:
        return self.runs

    def stop(self, container: str, seconds: int) -> int:
        return 0

    def logs(self, container: str) -> list[str]:
        return ["first line", "last words"]

    def volume(self) -> str:
        return "v1"

    def sweep(self, run_folder: str) -> None:
        self.gone.append(f"all of {run_folder}")

    def remove(self, containers: Iterable[str], volumes: Iterable[str]) -> None:
        self.gone.extend([*containers, *volumes])
