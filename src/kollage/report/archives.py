"""How updates of packages read: a table for people, plain data for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from kollage.archives import Update
from kollage.report.events import clean
from kollage.report.sheet import Row, Table, written

Found = Mapping[str, Sequence[Update]]  # by image

_TITLES = ("image", "package", "installed", "candidate", "from")


def updates_text(found: Found, notes: Sequence[str], *, terminal: bool = False) -> str:
    """Write a line for each update, then what it amounts to."""
    cells = tuple(
        (image, each.package, each.installed, each.candidate, each.suite)
        for image, updates in found.items()
        for each in updates
    )
    blocks: list[Table | Row] = [Table(_TITLES, cells), []] if cells else []
    last = f"{_many(len(cells), 'update')} in {_many(len(found), 'image')}" if cells else "no updates"
    rows: list[Row] = [[(last, "")], *([(clean(f"note: {note}"), "yellow")] for note in notes)]
    return written([*blocks, *rows], terminal=terminal)


def updates_json(found: Found, notes: Sequence[str]) -> dict[str, object]:
    """The same as plain data."""
    images = {image: [asdict(each) for each in updates] for image, updates in found.items()}
    return {"images": images, "notes": list(notes)}


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
