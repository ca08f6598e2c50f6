"""What checks look at: an image's facts, its root file system, read once, and its configuration."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from kollage.image import Account, Image
from kollage.results import Finding

__all__ = ["Check", "Entry", "Finding", "Runner", "Subject"]

_LINKS = 40  # followed at most, as the kernel does


class Entry(NamedTuple):
    """A file, folder or link of the root file system. A tuple, because there are tens of thousands."""

    mode: int  # type and permissions, as in st_mode
    uid: int
    gid: int
    size: int
    target: str = ""  # of a link

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)


Runner = Callable[
    [Sequence[str], str], str
]  # a command and its input -> its output, run in the image without a network


@dataclass(frozen=True, kw_only=True, eq=False)  # known by itself: comparing two would compare all their files
class Subject:
    """An image to be checked. Nothing here changes it."""

    image: Image
    root: Path  # where its root file system can be read
    configuration: Mapping[str, object]  # as the image has it: Env, Entrypoint, Cmd, User, Labels
    accounts: Mapping[str, Account]
    base: str
    history: Sequence[str] = ()  # what each layer was made by
    run: Runner = field(repr=False)

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Everything in the root file system by its absolute path there, links not followed."""
        return dict(_entries(str(self.root)))

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """The variables that the image sets."""
        variables = self.configuration.get("Env")
        pairs = [str(each).partition("=") for each in variables] if isinstance(variables, list) else []
        return {name: value for name, _, value in pairs}

    @property
    def path(self) -> Sequence[str]:
        """The folders in which the service finds its commands, the first one first."""
        return self.environment.get("PATH", "").split(":")

    def resolved(self, path: str) -> str:
        """The path without links, all of them followed inside the image; "" where it leads to nothing."""
        there = self.entries.get(path)
        if there and not there.is_link:
            return path  # what is among the entries has no link on its way
        parts = [part for part in PurePosixPath(path).parts if part != "/"]
        at, followed = "", 0
        while parts:
            part = parts.pop(0)
            if part == "..":
                at = str(PurePosixPath(at).parent) if at.count("/") > 1 else ""
                continue
            entry = self.entries.get(f"{at}/{part}")
            if entry is None or followed > _LINKS:
                return ""
            if not entry.is_link:
                at = f"{at}/{part}"
                continue
            followed += 1
            target = PurePosixPath(entry.target)
            at = "" if target.is_absolute() else at
            parts = [*(each for each in target.parts if each != "/"), *parts]
        return at or "/"

    def found(self, command: str) -> str:
        """The file that a command is, on the service's path; "" where there is none that can be executed."""
        places = [command] if "/" in command else [f"{folder}/{command}" for folder in self.path]
        files = (self.resolved(place) for place in places)
        return next((file for file in files if file and self._is_executable(file)), "")

    def text(self, path: str) -> str:
        """The text of a file of the image; what is not UTF-8 in it is replaced."""
        return self.content(path).decode(errors="replace")

    def content(self, path: str) -> bytes:
        """The bytes of a file of the image."""
        real = self.resolved(path)
        return Path(self.place(real)).read_bytes() if real else b""

    def beginning(self, path: str, size: int) -> bytes:
        """The first bytes of a file of the entries, as many as that at most. Raises `OSError`."""
        file = os.open(self.place(path), os.O_RDONLY | os.O_CLOEXEC)  # with a `Path`, most of the time would be its own
        try:
            return os.read(file, size)
        finally:
            os.close(file)

    def place(self, path: str) -> str:
        """Where a path without links is outside of the image."""
        return f"{self._outside}{path}"

    @cached_property
    def _outside(self) -> str:
        return str(self.root)

    def _is_executable(self, path: str) -> bool:
        entry = self.entries[path]
        return entry.is_file and bool(entry.mode & 0o111)


Check = Callable[[Subject], Iterator[Finding]]


def _entries(root: str) -> Iterator[tuple[str, Entry]]:
    """What is in a root file system, the files and folders of each folder in order, and after them what is below."""
    left = [""]
    while left:
        folder = left.pop()
        with os.scandir(f"{root}{folder}") as found:
            here = sorted(found, key=attrgetter("name"))
        inner = []
        for each in here:
            path, entry = f"{folder}/{each.name}", _entry(each)
            yield path, entry
            if stat.S_ISDIR(entry.mode):
                inner.append(path)
        left += reversed(inner)


def _entry(found: "os.DirEntry[str]") -> Entry:
    mode, _, _, _, uid, gid, size, *_ = found.stat(follow_symlinks=False)
    target = os.readlink(found.path) if stat.S_ISLNK(mode) else ""  # noqa: PTH115 - of tens of thousands
    return Entry(mode, uid, gid, size, target)
