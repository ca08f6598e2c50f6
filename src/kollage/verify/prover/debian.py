"""What packages of the Debian family leave out on purpose: libraries of plugins that they only recommend or suggest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from kollage.verify.prover.reading import text
from kollage.verify.subject import Subject

_OWNED = "/var/lib/dpkg/info"  # a list of files per package: <package>[:<architecture>].list
_STATUS = "/var/lib/dpkg/status"
_OPTIONAL = re.compile(r"^(?:Recommends|Suggests): (.*)$", re.MULTILINE)
_SONAME = re.compile(r"(?P<stem>.+)\.so\.(?P<version>.+)")
_PACKAGE_END = r"[a-z]?(t64|v5)?"  # what was added to a package's name when its interface changed without its version


@dataclass(frozen=True)
class Packages:
    """The packages of the distribution. They are only read when they are asked for; most images never ask."""

    subject: Subject

    def leaves_out(self, path: str, library: str) -> bool:
        """Whether the package that a plugin belongs to only recommends or suggests a library that it needs."""
        pattern = _package_of(library)
        return bool(pattern) and any(re.fullmatch(pattern, name) for name in self._optional.get(self._owner(path), ()))

    def _owner(self, path: str) -> str:
        """The package that brought a file, whose folder it may call by the name before /lib was merged with /usr."""
        return self._lists(path) or self._lists(path.removeprefix("/usr"))

    def _lists(self, path: str) -> str:
        """The package whose list has a path; "" if none has. Few of the tens of thousands of lines are asked for."""
        return next((name for name, content in self._owned if f"\n{path}\n" in content), "")

    @cached_property
    def _owned(self) -> Sequence[tuple[str, str]]:
        lists = [path for path in self.subject.entries if path.startswith(_OWNED) and path.endswith(".list")]
        named = ((PurePosixPath(path).stem.partition(":")[0], path) for path in reversed(lists))
        return [(name, f"\n{text(self.subject, path)}\n") for name, path in named]

    @cached_property
    def _optional(self) -> Mapping[str, frozenset[str]]:
        return dict(_optional(text(self.subject, _STATUS)))


def _optional(status: str) -> Iterator[tuple[str, frozenset[str]]]:
    for paragraph in status.split("\n\n"):
        name = re.match(r"Package: (\S+)", paragraph)
        if name:
            listed = ",".join(_OPTIONAL.findall(paragraph))
            yield name[1], frozenset(re.findall(r"(?:^|[,|])\s*([^\s,|:]+)", listed))


def _package_of(library: str) -> str:
    """The pattern of the package that has a library, by the distribution's rule for their names."""
    found = _SONAME.fullmatch(library)
    if not found:
        return ""
    stem = found["stem"].lower().replace("_", "-")
    joint = "-" if stem[-1].isdigit() else ""
    return re.escape(f"{stem}{joint}{found['version'].lower()}") + _PACKAGE_END
