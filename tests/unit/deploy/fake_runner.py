"""A runner whose containers exist in memory and do what a test says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kollage.deploy.runner import Found, Runner
from kollage.engines.containers import Containers
from kollage.errors import EngineError
from kollage.process import OnLine


@dataclass(frozen=True)
class FakeRunner(Runner):
    containers: Containers = field(default_factory=lambda: Containers(("fake",)))
    folder: Path = Path("/nowhere")
    said: list[str] = field(default_factory=list)  # what it was told, in order
    sick: frozenset[str] = frozenset()  # services that never get well
    codes: Mapping[str, int] = field(default_factory=dict)  # with which jobs end
    restless: frozenset[str] = frozenset()  # services that end by themselves, and are started again
    asked: dict[str, int] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()  # what cannot be started

    def found(self) -> Mapping[str, Found]:
        names = [word.removeprefix("start ") for word in self.said if word.startswith("start ")]
        return {
            name: Found(unit=name, digest="", running=True, exit_code=0, restarts=0, since=f"start of {name}")
            for name in names
        }

    def create(self, names: Sequence[str], on_line: OnLine) -> None:
        self.said.append(f"create {' '.join(names)}")

    def start(self, name: str) -> None:
        self.said.append(f"start {name}")
        if name in self.broken:
            raise EngineError("no such device")

    def wait(self, name: str) -> int:
        return self.codes.get(name, 0)

    def ailment(self, name: str, check: str) -> str:
        return "no answer" if name in self.sick | self.restless else ""

    def restarts(self, name: str) -> int:
        asked = self.asked.get(name, 0)
        self.asked[name] = asked + 1
        return 2 * asked if name in self.restless else 0

    def remove(self, names: Sequence[str]) -> None:
        self.said.append(f"remove {' '.join(names)}")

    def lines(self, name: str, count: int, log: str = "") -> list[str]:
        return [f"{name} says this"]
