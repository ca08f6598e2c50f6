"""The caps of a release: no library newer than the series that a Debian suite tests with the same OpenStack.

A date alone lets in libraries that no project has been tried with; the suite that carries the release was put
together by people. Its index is signed, and checked before a line of it is believed.
"""

import lzma
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kollage import process
from kollage.errors import SourceError
from kollage.sources.download import Network, download

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_INDEX = "main/binary-amd64/Packages.xz"
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
    base = f"{mirror.rstrip('/')}/dists/{name}"
    release = _signed_text(_fetch(f"{base}/InRelease"), keyring)
    index = _fetch(f"{base}/{_INDEX}")
    promised = rf"^ {sha256(index).hexdigest()} +{len(index)} {re.escape(_INDEX)}$"
    if not re.search(promised, release, re.MULTILINE):
        raise SourceError(
            f"{base}/{_INDEX} is not what the suite's signed release file promises",
            hint="the mirror may be in the middle of an update: try again",
        )
    return Suite(
        name=name,
        dated=_field(release, "Date"),
        valid_until=_field(release, "Valid-Until"),
        versions=libraries(lzma.decompress(index).decode()),
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


def _field(release: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", release, re.MULTILINE)
    return found[1] if found else ""


def _signed_text(signed: bytes, keyring: Path) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder, "InRelease")
        path.write_bytes(signed)
        return process.run(["gpgv", "--quiet", "--keyring", str(keyring), "--output", "-", str(path)])


def _fetch(url: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "page")
        download(url, file, Network())
        return file.read_bytes()
