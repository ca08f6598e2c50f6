"""The caps of a release: no library newer than the series that a Debian suite tests with the same OpenStack.

A date alone lets in libraries that no project has been tried with; the suite that carries the release was put
together by people. Its index is signed, and checked before a line of it is believed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kollage.archives import suites
from kollage.errors import SourceError
from kollage.sources.download import Network

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_DEBIAN_TAIL = re.compile(r"[+~].*|\.?dfsg.*|\.?ds\d*$")
_ENTRY = re.compile(r"^Package: python3-(\S+)$(?:\n.+)*?\nVersion: (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The Python libraries of a Debian suite, as its signed index names them."""

    name: str
    dated: str  # as the release file writes it
    valid_until: str  # "" where the suite promises nothing
    versions: Mapping[str, Version]  # name on the package index -> upstream version

    def nearest(self, name: str) -> Version | None:
        """Find a library; Debian drops `python-` and `py` from most names."""
        spellings = (name, name.removeprefix("python-"), name.removeprefix("py"))
        return next((self.versions[each] for each in spellings if each in self.versions), None)


def read_suite(mirror: str, name: str, *, keyring: Path = KEYRING) -> Suite:
    """Fetch a suite's index and verify its signature and checksum.

    A frozen mirror's release file may be past its Valid-Until. That is not refused, as a release is locked to
    what a suite held, not to what it holds; the dates go into the value and from there into the caps file.
    """
    network = Network()
    suite = suites.read_suite(f"{mirror.rstrip('/')}/dists/{name}", [keyring.read_bytes()], network)
    packages = suites.read_packages(suite, "main", "amd64", fetch=suites.straight(network))
    if not packages:
        raise SourceError(f"{suite.folder} has no packages for amd64", hint="use another mirror")
    return Suite(
        name=name,
        dated=suite.field("Date"),
        valid_until=suite.field("Valid-Until"),
        versions=libraries(packages),
    )


def libraries(packages: str) -> dict[str, Version]:
    """Read the Python libraries of a Packages file: name on the package index -> upstream version."""
    found = ((canonicalize_name(name), upstream(version)) for name, version in _ENTRY.findall(packages))
    return {name: version for name, version in found if version}


def upstream(version: str) -> Version | None:
    """Return what upstream calls a Debian version, or nothing where that cannot be told."""
    without_epoch = version.partition(":")[2] or version
    text = without_epoch.rpartition("-")[0] or without_epoch
    try:
        return Version(_DEBIAN_TAIL.sub("", text))
    except InvalidVersion:
        return None


def cap(version: Version) -> str:
    """Return the bound below the next minor series: 2.0.50 -> <2.1, and 46 -> <47."""
    major, *rest = version.release
    return f"<{major}.{rest[0] + 1}" if rest else f"<{major + 1}"


def caps(names: Iterable[str], suite: Suite, *, exclude: Iterable[str] = ()) -> dict[str, str]:
    """Cap each name that the suite carries, except those that match an excluded name or prefix (`x-*`)."""
    patterns = tuple(exclude)
    wanted = (name for name in names if not any(_matches(name, pattern) for pattern in patterns))
    return {name: cap(version) for name in wanted if (version := suite.nearest(name))}


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
