"""What lies below a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

_LEFT_OUT = frozenset({"__pycache__"})  # what Python leaves beside a script belongs to nobody


def names_below(root: Path) -> Iterator[str]:
    """Every file by its path below a folder; a link to a folder is followed, unless it leads to where it came from.

    Raises `OSError` for a folder that cannot be looked into; one that is not there has nothing below it.
    """
    top = len(os.path.join(root, ""))  # noqa: PTH118 - a thousand paths are too many for objects
    for folder, names, files in os.walk(root, onerror=_refused, followlinks=True):
        names[:] = sorted(name for name in names if name not in _LEFT_OUT and not _leads_back(f"{folder}/{name}"))
        below = folder[top:]
        yield from (f"{below}/{name}" if below else name for name in sorted(files))


def _refused(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _leads_back(folder: str) -> bool:
    """Whether a folder is a link to one that lies above it, by any of the links on the way here."""
    if not os.path.islink(folder):  # noqa: PTH114 - see above
        return False
    path = Path(folder)
    ways = (way.resolve() for way in path.parents)
    return any(path.resolve() in (way, *way.parents) for way in ways)
