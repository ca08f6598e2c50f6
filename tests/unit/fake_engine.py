"""An `Engine` that keeps its images in memory and does what a test says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from kollage.engines import BuildOrder, Local
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.errors import EngineError
from kollage.process import CommandError, OnLine

Answer = Callable[[BuildOrder, OnLine], None]


def _nothing(_order: BuildOrder, _on_line: OnLine) -> None:
    """Build without a word."""


@dataclass
class FakeEngine:
    name: str = "fake"
    registry: tuple[str, ...] = ()  # what can be pulled
    answer: Answer = _nothing  # what happens while an image is built
    free: int = 10**12
    local: tuple[Local, ...] = ()  # what the store holds
    digest: str = "sha256:d"  # what a push is told
    orders: list[BuildOrder] = field(default_factory=list)
    imported: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    pulled: list[str] = field(default_factory=list)
    tagged: list[tuple[str, str]] = field(default_factory=list)
    indexes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # that were pushed: the name -> its members
    pushed: list[tuple[str, bool]] = field(default_factory=list)  # the name, and whether TLS may be missing

    def version(self) -> str:
        return "1"

    def about(self) -> Mapping[str, str]:
        return {}

    def images(self, label: str = "") -> tuple[Local, ...]:
        return self.local

    def free_bytes(self) -> int:
        return self.free

    def unfinished(self) -> Mapping[str, str]:
        return {}

    def working_for(self, run: Path) -> frozenset[str] | None:
        return None

    def discard(self, containers: Iterable[str]) -> None:
        """There are none."""

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        self.orders.append(order)
        self.answer(order, on_line)
        return "id"

    def command(self, order: BuildOrder) -> str:
        return f"fake build {order.context}"

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        self.pulled.append(reference)
        if reference not in self.registry:
            raise CommandError(["fake", "pull", reference], 125, ["Trying to pull", "no such host"])
        return f"id of {reference}"

    def tag(self, image: str, reference: str) -> None:
        self.tagged.append((image, reference))

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        self.pushed.append((reference, plain))
        return self.digest

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        self.indexes[reference] = tuple(members)

    def remove(self, images: Iterable[str]) -> None:
        """Keep them: who removes has a store of its own."""

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        raise NotImplementedError

    def containers(self, *, systemd: bool = False) -> Containers:
        raise EngineError("it runs no containers")

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        self.imported.append((reference, labels))
        return "id"
