"""What the steps of a run work with, and what all acting has in common: a log, a result, an explained failure."""

import shlex
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kollage import bootstrap
from kollage.catalogue import Catalogue
from kollage.engines import Engine
from kollage.errors import Interrupted, KollageError
from kollage.options import Options
from kollage.process import CommandError, OnLine
from kollage.registry import Client
from kollage.render import Rendered
from kollage.report.events import Listener
from kollage.results import Result, Status
from kollage.sources import Pin
from kollage.steps import Action, Step

_LONGEST = 300  # characters of a line that the report shows
_TAIL = 15  # lines of a failed step that the report shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A service that runs because others need it to be verified."""

    container: str
    volumes: Mapping[str, str]  # its own: volume -> folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the steps of one run work with."""

    options: Options
    engine: Engine
    listener: Listener
    base: bootstrap.Base | None
    named: Mapping[str, str]  # the names in the engine's store -> the image's id
    rendered: Mapping[str, Rendered]
    pins: Mapping[str, Mapping[str, tuple[Pin, ...]]]  # image -> file of the context -> what is packed into it
    fetch: Callable[[Pin], Path]
    registry: Client
    secrets: Mapping[str, Path]
    tools: Path
    work: Path
    private: Path  # of this run alone, gone when it ends
    logs: Path
    catalogue: Catalogue
    beside: MutableMapping[str, Beside] = field(
        default_factory=dict
    )  # image -> its service, while it runs; other names: what has the network of some
    repeat: Callable[[str], str]  # the command line that builds one image again


def logged(shop: Workshop, step: Step, work: Callable[[OnLine], object], status: Status = Status.BUILT) -> Result:
    """Do the work with a log of its own, timed; a failure becomes a result that says how to go on."""
    began = time.monotonic()
    path = shop.logs / step.log_name
    shop.listener.begun(step.id, step.image, path)
    tail: deque[str] = deque(maxlen=_TAIL)
    try:
        with _log(path, shop.listener, step.id, tail) as on_line:
            work(on_line)
    except Interrupted as error:
        return failed(shop, step, Status.CANCELLED, error, began, tail)
    except (KollageError, OSError) as error:
        return failed(shop, step, Status.FAILED, error, began, tail)
    return step.ended(status, time.monotonic() - began, log=path)


@contextmanager
def _log(path: Path, listener: Listener, step: str, tail: deque[str]) -> Iterator[OnLine]:
    with path.open("w", encoding="utf-8", errors="replace") as file:

        def on_line(text: str) -> None:
            file.write(text + "\n")
            file.flush()
            tail.append(text)
            listener.line(step, text)

        yield on_line


def failed(shop: Workshop, step: Step, status: Status, error: Exception, began: float, tail: deque[str]) -> Result:
    """The result of a step that did not, with the last lines of its output and how to repeat it."""
    own = error.tail if isinstance(error, CommandError) and not tail else ()  # what was not handed on line by line
    lines = (*tail, *own)
    reason = _explained(error, lines)
    log = shop.logs / step.log_name
    with suppress(OSError), log.open("a", encoding="utf-8", errors="replace") as file:  # the disk may be full
        file.write("".join(f"{line}\n" for line in (*own, f"{step.image} {status}: {reason}")))
    return Result(
        step=step.id,
        image=step.image,
        status=status,
        reason=reason,
        seconds=time.monotonic() - began,
        log=log,
        tail=tuple(map(_cut, lines)),
        command=shop.repeat(step.image) if step.decision.action is Action.BUILD else "",
    )


def _cut(line: str) -> str:
    """A line of the log without its middle where it is very long: engines repeat whole commands before the cause."""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 3]} … {line[-_LONGEST * 2 // 3 :]}"


def _explained(error: Exception, tail: tuple[str, ...]) -> str:
    """The failure in a sentence, with the way out below it; a full disk is named, for tools that meet one seldom do."""
    text = error.message if isinstance(error, KollageError) else str(error)
    if any("No space left on device" in line for line in (*tail, text)):
        return "the disk is full: free space where the engine keeps its images and Kollage its cache, then repeat it"
    if isinstance(error, CommandError):
        how = text.removeprefix(shlex.join(error.command)).splitlines()[0]
        return f"{shlex.quote(error.command[0])}{how}"
    return f"{text}\n{error.hint}" if isinstance(error, KollageError) and error.hint else text
