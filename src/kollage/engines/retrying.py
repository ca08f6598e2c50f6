"""An engine that tries again where trying again may help: a name that did not resolve, a server that was busy."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kollage import process
from kollage.engines import BuildOrder, Engine, Local
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.process import CommandError, OnLine

_T = TypeVar("_T")
_REFUSED = re.compile(r"\b(?:401|403)\b|denied|unauthorized|authentication required|no basic auth", re.IGNORECASE)
_TRANSIENT = re.compile(
    r"temporary failure|could not resolve|connection (?:reset|refused|timed out)|timed? ?out|tls handshake"
    r"|unexpected eof|too ?many ?requests|hash sum mismatch"
    r"|\b(?:429|500|502|503|504)\b(?=.*(?:error|server|gateway|unavailable|status))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Retrying:
    """Wraps an engine; builds, pulls and pushes are tried up to `attempts` times, with growing pauses."""

    engine: Engine
    attempts: int
    pause: Callable[[float], None] = process.pause

    @property
    def name(self) -> str:
        """The wrapped engine's."""
        return self.engine.name

    def version(self) -> str:
        """See `Engine.version`."""
        return self.engine.version()

    def about(self) -> Mapping[str, str]:
        """See `Engine.about`."""
        return self.engine.about()

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        return self.engine.images(label)

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        return self.engine.free_bytes()

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`."""
        return self.engine.unfinished()

    def working_for(self, run: Path) -> frozenset[str] | None:
        """See `Engine.working_for`."""
        return self.engine.working_for(run)

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""
        self.engine.discard(containers)

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        return self._again(lambda: self.engine.build(order, on_line), on_line)

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return self.engine.command(order)

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.pull`."""
        return self._again(lambda: self.engine.pull(reference, on_line, plain=plain), on_line, refusable=True)

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        self.engine.tag(image, reference)

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.push`."""
        return self._again(lambda: self.engine.push(reference, on_line, plain=plain), on_line, refusable=True)

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """See `Engine.push_index`."""
        self._again(lambda: self.engine.push_index(reference, members, on_line, plain=plain), on_line, refusable=True)

    def remove(self, images: Iterable[str]) -> None:
        """See `Engine.remove`."""
        self.engine.remove(images)

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """See `Engine.opened`."""
        return self.engine.opened(reference, run)

    def containers(self, *, systemd: bool = False) -> Containers:
        """See `Engine.containers`."""
        return self.engine.containers(systemd=systemd)

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """See `Engine.import_root`."""
        return self.engine.import_root(archive, reference, labels, on_line, platform=platform)

    def _again(self, attempt: Callable[[], _T], on_line: OnLine, *, refusable: bool = False) -> _T:
        for number in range(1, self.attempts):
            try:
                return attempt()
            except CommandError as error:
                if not transient(error.tail) or (refusable and refused(error.tail)):
                    raise
                seconds = float(2**number)
                on_line(f"that may pass: trying again in {seconds:.0f} s ({number} of {self.attempts - 1})")
                self.pause(seconds)
        return attempt()


def transient(lines: tuple[str, ...]) -> bool:
    """Whether the last lines of a failure tell of something that passes by itself."""
    return any(_TRANSIENT.search(line) for line in lines)


def refused(lines: tuple[str, ...]) -> bool:
    """Whether the last lines tell of a registry that does not let this user do it, which asking again only worsens."""
    return any(_REFUSED.search(line) for line in lines)
