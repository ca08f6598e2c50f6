"""The files of a root file system."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kollage.rootfs import Root


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A regular file, under the first of its names."""

    path: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Tree:
    """What a root file system holds."""

    root: Root
    files: Mapping[str, File]  # by path, each content once
    names: Mapping[str, str]  # every path of a file -> the one that stands for it in `files`

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files.values())

    @cached_property
    def _folders(self) -> dict[str, str]:
        return {}

    def found(self, path: str) -> str:
        """The file that a path leads to through links of folders, such as /lib; "" where it leads to no file."""
        if path in self.names:
            return self.names[path]
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self.root.resolved(folder)
        return self.names.get(f"{self._folders[folder].rstrip('/')}/{name}", "") if self._folders[folder] else ""


def tree(folder: Path) -> Tree:
    """Read a root file system; no link is followed, and nothing of another file system."""
    first: dict[tuple[int, int], str] = {}
    files: dict[str, File] = {}
    names: dict[str, str] = {}
    for path, found in _regular(folder):
        names[path] = first.setdefault((found.st_dev, found.st_ino), path)
        if names[path] == path:
            files[path] = File(path=path, size=found.st_size)
    return Tree(root=Root(folder), files=files, names=names)


def _regular(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for here, folders, files in os.walk(folder):
        folders.sort()
        inside = here[len(str(folder)) :]
        for name in sorted(files):
            found = os.lstat(f"{here}/{name}")
            if stat.S_ISREG(found.st_mode):
                yield f"{inside}/{name}", found
