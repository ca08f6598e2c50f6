"""The live board: a row for each running step, counts above, and what ended as lines that stay.

Callers put events on a queue; one consumer, the refresh of `rich.live`, takes them off: there is no lock.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from kollage.report.events import Begun, Ended, Event, Line, action, clean, duration, ended_text
from kollage.report.sheet import STYLES, shortened
from kollage.results import Result, Status

Clock = Callable[[], float]

_PROGRESS = re.compile(
    r"(?:\[\d+/\d+\] )?STEP (\d+/\d+) ?: (.*)"  # buildah, podman, docker's classic builder
    r"|#\d+ \[(?:\S+ +)?(\d+/\d+)\] (.*)",  # BuildKit
    re.IGNORECASE,
)
_BUILDKIT = re.compile(r"#\d+ \d+\.\d+ ")  # the step's number and the time before each line
_LONGEST = 1000  # characters of a line that are looked at; the log has it whole
_SPARE = 1  # the last column stays empty: a character wider than it claims must not break the line
_PER_SECOND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """What a row shows."""

    begun: Begun
    progress: str = ""  # "4/9"
    line: str = ""


class Board:
    """What the board knows, and how it looks at a moment of its clock."""

    def __init__(self, *, total: int, clock: Clock = time.monotonic, debug: bool = False) -> None:
        self._total = total
        self._clock = clock
        self._debug = debug
        self._start = clock()
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._running: dict[str, _Running] = {}
        self._ended: Counter[Status] = Counter()

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Note a step that begins, and when."""
        self._events.put(Begun(step=step, image=image, log=log, at=self._clock()))

    def line(self, step: str, text: str) -> None:
        """Note what a step printed."""
        self._events.put(Line(step=step, text=text))

    def ended(self, result: Result) -> None:
        """Note how a step ended."""
        self._events.put(Ended(result=result))

    def closed(self) -> None:
        """Leave the end to the context that shows the board."""

    def news(self) -> list[Text]:
        """Take what was noted since the last call, and return the lines that belong above the board."""
        above = []
        for _ in range(self._events.qsize()):
            above += self._take(self._events.get())
        return above

    def look(self, width: int, height: int) -> Group:
        """Return the board for a terminal of this size; a number stands for rows without room."""
        now = self._clock()
        rows = list(self._running.values())
        room = max(1, height - 3)
        hidden = len(rows) - room if len(rows) > room else 0
        shown = rows[: len(rows) - hidden]
        names = min(max((len(row.begun.image) for row in shown), default=0), max(16, width // 3))
        actions = max((len(action(row.begun.step)) for row in shown), default=0)
        lines = [self._header(now), *(_row(row, now, names, actions) for row in shown)]
        if hidden:
            lines.append(Text(f"and {hidden} more", style="dim"))
        for line in lines:
            line.truncate(width - _SPARE, overflow="ellipsis")
        return Group(*lines)

    def _take(self, event: Event) -> list[Text]:
        match event:
            case Begun():
                self._running[event.step] = _Running(begun=event)
            case Line():
                return self._follow(event)
            case Ended(result=result):
                self._running.pop(result.step, None)
                self._ended[result.status] += 1
                return [Text(ended_text(result), style=STYLES[result.status])]
        return []

    def _follow(self, event: Line) -> list[Text]:
        row = self._running.get(event.step)
        if row is not None:
            self._running[event.step] = _followed(row, event.text[:_LONGEST])
        if not self._debug:
            return []
        name = row.begun.image if row else event.step
        return [Text(clean(f"{name} | {event.text}").rstrip(), style="dim")]

    def _header(self, now: float) -> Text:
        ok = self._ended[Status.BUILT] + self._ended[Status.REUSED]
        waiting = self._total - self._ended.total() - len(self._running)
        header = Text(f"{len(self._running)} running", style="bold")
        header.append(f"  {max(0, waiting)} waiting  {ok} done", style="not bold")
        for status in (Status.FAILED, Status.BLOCKED, Status.CANCELLED):
            if self._ended[status]:
                header.append(f"  {self._ended[status]} {status.value}", style=STYLES[status])
        return header.append(f"  {duration(now - self._start)}", style="not bold")


@contextmanager
def shown(*, total: int, stream: TextIO, debug: bool = False, clock: Clock = time.monotonic) -> Iterator[Board]:
    """Show a board while the context lasts; afterwards only the lines of what ended are left."""
    board = Board(total=total, clock=clock, debug=debug)
    console = Console(file=stream, force_terminal=True, highlight=False)

    def picture() -> Group:
        # asked for before each refresh writes: lines go above the standing picture, the new one follows
        if news := board.news():
            console.print(Text("\n").join(news), soft_wrap=True)
        return board.look(console.width, console.height)

    with Live(
        console=console,
        get_renderable=picture,
        refresh_per_second=_PER_SECOND,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # into a pipe it has nothing to do with the board
        redirect_stderr=sys.stderr.isatty(),
    ):
        yield board


def _followed(row: _Running, text: str) -> _Running:
    if found := _PROGRESS.match(text):
        progress, line = found[1] or found[3], found[2] or found[4] or ""
        return _Running(begun=row.begun, progress=progress, line=line)
    line = _BUILDKIT.sub("", text, count=1) if text.startswith("#") else text
    return _Running(begun=row.begun, progress=row.progress, line=line) if line.strip() else row


def _row(row: _Running, now: float, names: int, actions: int) -> Text:
    return Text.assemble(
        f"{shortened(clean(row.begun.image), names):<{names}}  {action(row.begun.step):<{actions}}  "
        f"{duration(now - row.begun.at):>6}  ",
        (f"{row.progress} " if row.progress else "", "cyan"),
        (clean(row.line), "dim"),
        no_wrap=True,
    )
