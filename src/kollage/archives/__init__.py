"""Package archives of the Debian family: what an image has from them, and what they have now.

Every index is checked against the archive's signed release file before a line of it is believed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kollage.archives.installed import Installed
from kollage.archives.lists import Archive
from kollage.archives.offers import Offer, best, merged, offers
from kollage.archives.state import State, state
from kollage.archives.suites import Suite, kept, read_packages, read_suite
from kollage.archives.versions import newer
from kollage.sources.download import Network

__all__ = ["Archive", "Installed", "State", "Suite", "Update", "newer", "reader", "state", "updates"]

# an archive and an architecture -> what it offers there, by the name of the package
Read = Callable[[Archive, str], Mapping[str, Offer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A package that an archive has in a newer version."""

    package: str
    installed: str
    candidate: str
    suite: str


def updates(found: State, read: Read) -> Iterator[Update]:
    """The packages that archives have in a newer version, by name. Those that are held stay as they are.

    Packages of a foreign architecture are not looked at. Raises `SourceError` for an archive that cannot be
    believed.
    """
    read_now = [read(archive, found.architecture) for archive in found.archives]
    for name, package in sorted(found.packages.items()):
        offered = best(package.version, (each[name] for each in read_now if name in each))
        if offered and not package.held:
            yield Update(package=name, installed=package.version, candidate=offered.version, suite=offered.suite)


def reader(network: Network, cache: Path) -> Read:
    """A function that reads archives: each once, however many images have it; indexes stay in the cache."""
    known: dict[tuple[Archive, str], Mapping[str, Offer]] = {}

    def read(archive: Archive, architecture: str) -> Mapping[str, Offer]:
        if (archive, architecture) not in known:
            known[archive, architecture] = _offers(archive, architecture, network, cache)
        return known[archive, architecture]

    return read


def _offers(archive: Archive, architecture: str, network: Network, cache: Path) -> Mapping[str, Offer]:
    suite = read_suite(archive.folder, archive.keys, network)
    suite.require(archive.suite, dated=archive.dated)
    pages = (
        read_packages(suite, component, architecture, fetch=kept(network, cache))
        for component in archive.components or ("",)
    )
    return merged(offers(page, suite=archive.suite, reserve=suite.reserve) for page in pages)
