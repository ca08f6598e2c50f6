"""The engine of a client whose images are built elsewhere: it has no store, and asks registries instead."""

# ruff: noqa: ARG002 - the interface is that of engines which do something

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from kollage.engines import BuildOrder, Local
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.errors import EngineError, RegistryError
from kollage.process import CommandError, OnLine
from kollage.registry import Client


@dataclass(frozen=True, slots=True)
class Storeless:
    """See `Engine`. What needs a store is refused: workers do that."""

    client: Client
    platform: str
    name: str = "the workers"

    def version(self) -> str:
        """None of its own."""
        return ""

    def about(self) -> Mapping[str, str]:
        """Nothing to say."""
        return {}

    def images(self, label: str = "") -> tuple[Local, ...]:
        """There are none here."""
        return ()

    def free_bytes(self) -> int:
        """As much as anybody asks for: workers look at their own."""
        return 1 << 62

    def unfinished(self) -> Mapping[str, str]:
        """Nothing is built here."""
        return {}

    def working_for(self, run: Path) -> frozenset[str]:
        """Nothing is there."""
        return frozenset()

    def discard(self, containers: Iterable[str]) -> None:
        """Nothing is there."""

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """The id that the image would get: the digest of its configuration, as the registry says it."""
        try:
            published = self.client.published(reference, platform=self.platform)
        except RegistryError as error:
            raise CommandError(["pull", reference], 1, [error.message]) from error
        if not published or not published.config:
            raise CommandError(["pull", reference], 1, [f"its registry does not have it for {self.platform}"])
        return published.config

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See the class."""
        self._refuse()

    def command(self, order: BuildOrder) -> str:
        """See the class."""
        self._refuse()

    def tag(self, image: str, reference: str) -> None:
        """See the class."""
        self._refuse()

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See the class."""
        self._refuse()

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """See the class."""
        self._refuse()

    def remove(self, images: Iterable[str]) -> None:
        """See the class."""
        self._refuse()

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """See the class."""
        self._refuse()

    def containers(self, *, systemd: bool = False) -> Containers:
        """See the class."""
        self._refuse()

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """See the class."""
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise EngineError("with --scheduler, images are on the workers and in the registry, and not on this machine")
