"""What archives offer, and which of it apt would take in place of what is installed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kollage.archives.versions import key, newer

_VERSION = re.compile(r"^Version: *(\S+)$", re.MULTILINE)
_PACKAGE = "Package: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A version of a package that a suite has."""

    version: str
    suite: str
    reserve: bool = False  # whether the suite is taken from only by who has taken from it before, as backports


def offers(packages: str, *, suite: str, reserve: bool = False) -> Mapping[str, Offer]:
    """Read a Packages file: the newest version of each package by its name."""
    found: dict[str, Offer] = {}
    for paragraph in map(str.lstrip, packages.split("\n\n")):
        version = _VERSION.search(paragraph)
        if not version or not paragraph.startswith(_PACKAGE):
            continue
        name = paragraph[len(_PACKAGE) : paragraph.index("\n")].strip()
        if name not in found or newer(version[1], found[name].version):
            found[name] = Offer(version=version[1], suite=suite, reserve=reserve)
    return found


def merged(pages: Iterable[Mapping[str, Offer]]) -> Mapping[str, Offer]:
    """The newest offer of each package among those of the components of one suite."""
    found: dict[str, Offer] = {}
    for page in pages:
        for name, offer in page.items():
            if name not in found or newer(offer.version, found[name].version):
                found[name] = offer
    return found


def best(installed: str, offered: Iterable[Offer]) -> Offer | None:
    """The offer that apt would take; None where what is installed stays.

    Nothing is ever taken that is older. A suite in reserve counts only where no other has what is installed or
    something newer.
    """
    have = key(installed)
    fitting = [offer for offer in offered if key(offer.version) >= have]
    ordinary = [offer for offer in fitting if not offer.reserve]
    newest = max(ordinary or fitting, key=lambda offer: key(offer.version), default=None)
    return newest if newest and key(newest.version) > have else None
