"""Packages of Debian's signed archive, opened here: nothing of them is installed or run."""

import io
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from kollage.archives import newer
from kollage.archives.suites import Fetch, read_packages, read_suite
from kollage.bootstrap import Bootstrap
from kollage.errors import SourceError
from kollage.sources.download import Network

_ARCHIVE = b"!<arch>\n"
_HEADER = 60  # bytes before each member of a package


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package as an index names it."""

    name: str
    version: str
    address: str
    sha256: str
    depends: str  # as it is written there


Index = Sequence[tuple[str, str]]  # of each suite: the archive's address, and the text of its index


def index(recipe: Bootstrap, network: Network, fetch: Fetch) -> Index:
    """Read the indexes of a recipe's archives, checked against their signatures. Raises `SourceError`."""
    keys = [recipe.keyring.read_bytes()]
    found: list[tuple[str, str]] = []
    for line in recipe.sources:
        _, address, name, component = line.split()
        suite = read_suite(f"{address}/dists/{name}", keys, network)
        suite.require(name, dated=False)
        found.append((address, read_packages(suite, component, recipe.arch, fetch=fetch)))
    return found


def newest(name: str, pages: Index) -> Package:
    """Find the newest version of a package. Raises `SourceError` where there is none."""
    best: Package | None = None
    for package in _offered(name, pages):
        best = package if best is None or newer(package.version, best.version) else best
    if best is None:
        raise SourceError(f"Debian's archive has no package {name}", hint="try again when the archive has settled")
    return best


def files(package: Package, fetch: Fetch) -> Mapping[str, bytes]:
    """Fetch a package and give its files by path, links left out. Raises `SourceError`."""
    content = fetch(package.address, package.sha256)
    if sha256(content).hexdigest() != package.sha256:
        raise SourceError(
            f"{package.address} is not what the suite's signed release file promises",
            hint="the mirror may be in the middle of an update: try again",
        )
    try:
        data = next(body for name, body in _members(content) if name.startswith("data.tar"))
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return {
                member.name.removeprefix("./"): inside.read()
                for member in archive
                if member.isreg() and (inside := archive.extractfile(member))
            }
    except (StopIteration, tarfile.TarError, ValueError, EOFError) as error:
        raise SourceError(f"{package.address} is not a package that can be read", hint="try again") from error


def _offered(name: str, pages: Index) -> Iterator[Package]:
    for address, page in pages:
        for found in re.finditer(rf"^Package: {re.escape(name)}\n(?:.+\n)*", page, re.MULTILINE):
            yield _package(found[0], address)


def _package(paragraph: str, address: str) -> Package:
    fields = dict(re.findall(r"^([\w-]+): *(.*)$", paragraph, re.MULTILINE))
    return Package(
        name=fields["Package"],
        version=fields["Version"],
        address=f"{address}/{fields['Filename']}",
        sha256=fields["SHA256"],
        depends=fields.get("Depends", ""),
    )


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The members of a package, which is an archive of the form that `ar` makes."""
    if not content.startswith(_ARCHIVE):
        raise ValueError("no archive")
    place = len(_ARCHIVE)
    while place + _HEADER <= len(content):
        head = content[place : place + _HEADER]
        size = int(head[48:58])
        place += _HEADER
        yield head[:16].decode().strip().removesuffix("/"), content[place : place + size]
        place += size + size % 2
