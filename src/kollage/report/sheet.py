"""Lines with styles, and tables: plain and whole in a pipe, coloured and cut to its width on a terminal.

A row is a list of pieces, each with its style. Rich is imported only where a terminal is written to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kollage.report.events import clean

if TYPE_CHECKING:
    from rich.console import Console

Row = list[tuple[str, str]]

STYLES = {
    "built": "green",
    "bootstrapped": "green",
    "verified": "green",
    "pushed": "green",
    "pulled": "green",
    "skipped": "dim",
    "started": "green",
    "fetched": "green",
    "left": "yellow",
    "fetch": "green",
    "before": "dim",
    "verify": "green",
    "passed": "dim",
    "start": "green",
    "push": "green",
    "pull": "green",
    "published": "dim",
    "skip": "dim",
    "bootstrap": "green",
    "build": "green",
    "reused": "dim",
    "reuse": "dim",
    "failed": "bold red",
    "blocked": "yellow",
    "cancelled": "yellow",
}
_NUMBERS = {"time", "size", "last", "run", "own", "files", "in files", "by", "times"}  # columns that end flush
_WORDS = {"result", "action"}  # columns whose last word has a style
_FIRST, _LAST = 16, 20  # what the first and the last column need at least on a narrow terminal


@dataclass(frozen=True, slots=True)
class Table:
    """Cells below titles; a column that holds nothing is not shown, and the last is as long as it is."""

    titles: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def written(blocks: Sequence[Table | Row], *, terminal: bool) -> str:
    """Write rows and tables one below the other; on a terminal with styles, and no table wider than it is."""
    if terminal:
        return _painted(blocks)
    rows = [row for block in blocks for row in (_rows(block) if isinstance(block, Table) else [block])]
    return "".join("".join(piece for piece, _ in row).rstrip() + "\n" for row in rows)


def joined(pieces: Sequence[tuple[str, str]]) -> Row:
    """Put commas between pieces."""
    return [part for piece in pieces for part in ((", ", ""), piece)][1:]


def dockerfile(text: str) -> str:
    """Colour a Dockerfile for a terminal; characters that would steer it appear as their codes."""
    from rich.syntax import Syntax

    shown = "\n".join(visible(line) for line in text.expandtabs().removesuffix("\n").split("\n"))
    console = _console()
    coloured = Syntax("", "docker", theme="ansi_dark", background_color="default").highlight(shown)
    coloured.rstrip()
    with console.capture() as captured:
        console.print(coloured, soft_wrap=True)
    return captured.get()


def visible(text: str) -> str:
    """Write what a terminal would obey as its code; further lines are indented, none can pose as it."""
    lines = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in text.split("\n"))
    return "\n    ".join(lines)


def shortened(name: str, room: int) -> str:
    """Take letters from a name's middle when there is no room: names differ at both ends."""
    return name if len(name) <= room else f"{name[: room - 9]}…{name[-8:]}"


def _painted(blocks: Sequence[Table | Row]) -> str:
    from rich.text import Text

    console = _console()
    with console.capture() as captured:
        for block in blocks:
            for row in _rows(block, console.width) if isinstance(block, Table) else ():
                console.print(Text.assemble(*row), no_wrap=True, overflow="ellipsis")
            if not isinstance(block, Table):
                # a command or a log line is to be copied: the terminal breaks it, no newline is put in
                console.print(Text.assemble(*block), soft_wrap=True)
    return captured.get()


def _console() -> "Console":
    from rich.console import Console

    return Console(force_terminal=True, highlight=False)


def _rows(table: Table, width: int | None = None) -> list[Row]:
    rows = [table.titles, *(tuple(clean(cell) for cell in row) for row in table.cells)]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    if width and len(columns) > 1:
        columns[0] = _squeezed(columns, width)
    return [_spaced(row) for row in zip(*map(_column, columns), strict=True)]


def _squeezed(columns: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Shorten the first column's names where the last column would have no room."""
    *middle, last = (max(map(len, column)) for column in columns[1:])
    room = width - sum(middle) - 2 * (len(columns) - 1) - min(last, _LAST)
    return tuple(shortened(cell, max(room, _FIRST)) for cell in columns[0])


def _column(cells: Sequence[str]) -> Row:
    """Pad cells to one width; the first is the title."""
    title, width = cells[0], max(map(len, cells))
    put = str.rjust if title in _NUMBERS else str.ljust
    styles = ["bold", *(STYLES.get(c.rpartition(" ")[2], "") if title in _WORDS else "" for c in cells[1:])]
    return [(put(cell, width), style) for cell, style in zip(cells, styles, strict=True)]


def _spaced(row: Sequence[tuple[str, str]]) -> Row:
    """Put two spaces between cells and none behind the last."""
    *first, (last, style) = row
    return [part for cell in first for part in (cell, ("  ", ""))] + [(last.rstrip(), style)]
