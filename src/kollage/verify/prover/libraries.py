"""Whether the loader finds, inside the image, what each executable and library needs."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePosixPath

from kollage.verify.prover.debian import Packages
from kollage.verify.prover.elf import BrokenElfError, Elf, read_elf
from kollage.verify.prover.reading import text
from kollage.verify.subject import Entry, Finding, Subject

NAME = "prover.libraries"

_LIBRARY = re.compile(r"\.so(\.[^/]*)?$")
_CONFIGURATION = "/etc/ld.so.conf"


def check_libraries(subject: Subject) -> Iterator[Finding]:
    """Every executable and library finds its loader and the libraries that it needs."""
    read = {path: _read(subject, path) for path, entry in subject.entries.items() if _may_be_elf(path, entry)}
    yield from (_finding(path, f"cannot be loaded: {each}") for path, each in read.items() if isinstance(each, str))
    files = {path: each for path, each in read.items() if isinstance(each, Elf)}
    loader = _Loader(subject, files, Packages(subject))
    for path, elf in files.items():
        yield from _of_file(loader, path, elf)


def _may_be_elf(path: str, entry: Entry) -> bool:
    """Kernel modules and firmware are neither executable nor called like a library."""
    return entry.is_file and (bool(entry.mode & 0o111) or bool(_LIBRARY.search(path)))


def _read(subject: Subject, path: str) -> Elf | str | None:
    """What the file asks for, or why that cannot be said."""
    try:
        return read_elf(subject.place(path))
    except BrokenElfError as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)


@dataclass(frozen=True)
class _Loader:
    """The loader's rules, without its cache: that one is made from the same folders."""

    subject: Subject
    files: Mapping[str, Elf]
    packages: Packages
    _known: dict[tuple[str, str], bool] = field(default_factory=dict)
    _shared: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def machine(self) -> str:
        """What the image is made for: what most of its files are built for."""
        return next(
            (machine for machine, _ in Counter(each.machine for each in self.files.values()).most_common(1)), ""
        )

    @cached_property
    def everywhere(self) -> Sequence[str]:
        """The folders in which every file's libraries are looked for."""
        named = self.subject.environment.get("LD_LIBRARY_PATH", "").split(":")
        multiarch = f"{self.machine}-linux-gnu"
        usual = (f"/lib/{multiarch}", f"/usr/lib/{multiarch}", "/lib64", "/usr/lib64", "/lib", "/usr/lib")
        return tuple(dict.fromkeys([*filter(None, named), *_configured(self.subject, _CONFIGURATION, set()), *usual]))

    def finds(self, path: str, elf: Elf, name: str) -> bool:
        """Whether a library that a file needs is found and is built for the same machine."""
        if "/" in name:
            return self._is_there(*name.rsplit("/", 1))
        if self._is_everywhere(name):
            return True
        own = _folder(path)
        folders = (_expanded(folder, own) for folder in elf.runpath or elf.rpath)
        return any(self._is_there(folder, name) for folder in folders) or self._bundled(own, name)

    def _is_everywhere(self, name: str) -> bool:
        """Whether every file finds a library; most need the same few."""
        if name not in self._shared:
            self._shared[name] = any(self._is_there(folder, name) for folder in self.everywhere)
        return self._shared[name]

    def _bundled(self, folder: str, name: str) -> bool:
        """Whether a library lies beside the file that needs it, or below, in a folder that is the program's own.

        A program such as Java has opened its own libraries before it opens those that need them.
        """
        if any(self.subject.resolved(each) == folder for each in self.everywhere):
            return False
        return any(place.startswith(f"{folder}/") for place in self._places.get(name, ()))

    @cached_property
    def _places(self) -> Mapping[str, Sequence[str]]:
        places: dict[str, list[str]] = {}
        for path in (path for path, elf in self.files.items() if elf.machine == self.machine):
            places.setdefault(path.rpartition("/")[2], []).append(path)
        return places

    def _is_there(self, folder: str, name: str) -> bool:
        if (folder, name) not in self._known:
            found = self.files.get(self.subject.resolved(f"{folder}/{name}"))
            self._known[folder, name] = found is not None and found.machine == self.machine
        return self._known[folder, name]


def _of_file(loader: _Loader, path: str, elf: Elf) -> Iterator[Finding]:
    if elf.machine != loader.machine:
        if loader.subject.entries[path].mode & 0o111:
            yield _finding(path, f"is built for another machine than the image, which is for {loader.machine}")
        return
    if elf.interpreter and not loader.subject.resolved(elf.interpreter):
        yield _finding(path, f"is started by {elf.interpreter}, which is not in the image")
    missing = [name for name in elf.needed if not loader.finds(path, elf, name)]
    optional = not elf.interpreter and any(loader.packages.leaves_out(path, name) for name in missing)
    if missing and not optional:
        yield _finding(path, f"needs {', '.join(missing)}, which the loader does not find")


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _expanded(folder: str, own: str) -> str:
    return folder.replace("$ORIGIN", own).replace("${ORIGIN}", own)


def _configured(subject: Subject, path: str, seen: set[str]) -> Iterator[str]:
    """The folders that the loader's configuration names, files that it includes at their place."""
    if path in seen:
        return
    seen.add(path)
    for line in text(subject, path).splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["include"]:
            patterns = [str(PurePosixPath("/etc", pattern)) for pattern in words[1:]]
            included = [each for pattern in patterns for each in _matching(subject, pattern)]
            words = [folder for each in included for folder in _configured(subject, each, seen)]
        yield from words


def _matching(subject: Subject, pattern: str) -> list[str]:
    return sorted(path for path in subject.entries if fnmatchcase(path, pattern))


def _finding(path: str, message: str) -> Finding:
    return Finding(check=NAME, subject=path, message=f"{path} {message}")
