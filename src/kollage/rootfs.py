"""A root file system that is only read, and not trusted: no link leads out of it, and what is no file is empty."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_LINKS = 40  # followed at most, as the kernel does


@dataclass(frozen=True, slots=True)
class Root:
    """Where a root file system can be read. Paths are absolute, as they are inside of it."""

    folder: Path

    def resolved(self, path: str) -> str:
        """The path without links, all of them followed inside; "" where it leads to nothing."""
        parts = [part for part in PurePosixPath(path).parts if part != "/"]
        at, followed = "", 0
        while parts:
            part = parts.pop(0)
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            target = self._target(f"{at}/{part}")
            if target is None or followed > _LINKS:
                return ""
            if not target:
                at = f"{at}/{part}"
                continue
            followed += 1
            at = "" if target.startswith("/") else at
            parts = [*(each for each in PurePosixPath(target).parts if each != "/"), *parts]
        return at or "/"

    def content(self, path: str) -> bytes:
        """The bytes of a file; none where there is no file that can be read."""
        real = self.resolved(path)
        place = self.outside(real)
        try:
            return place.read_bytes() if real and stat.S_ISREG(place.lstat().st_mode) else b""
        except OSError:
            return b""

    def text(self, path: str) -> str:
        """The text of a file; what is not UTF-8 in it is replaced."""
        return self.content(path).decode(errors="replace")

    def names(self, folder: str) -> Iterator[str]:
        """The names in a folder, in order; none where there is no folder."""
        real = self.resolved(folder)
        place = self.outside(real)
        if real and place.is_dir():
            yield from sorted(each.name for each in place.iterdir())

    def outside(self, path: str) -> Path:
        """Where a path without links is to be found."""
        return self.folder / path.lstrip("/")

    def _target(self, path: str) -> str | None:
        """Where a link leads, "" of what is no link, None of what is not there."""
        place = self.outside(path)
        try:
            return str(place.readlink()) if stat.S_ISLNK(place.lstat().st_mode) else ""
        except (OSError, ValueError):  # ValueError: a path with a zero in it
            return None
