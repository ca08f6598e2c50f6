"""How each type of source is fetched: what is to be kept is left at a target, and its origin told.

Each takes a pin, the target, a place for what is downloaded and the network, and gives the sha256 of what was
downloaded, "" where nothing names it.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from packaging.version import Version

from kollage.addresses import public
from kollage.errors import SourceError
from kollage.sources import Pin
from kollage.sources.archive import TAR_SUFFIXES, Kind, kind_of, normalise, pack
from kollage.sources.download import Network, download
from kollage.sources.git import version_note, write_tree
from kollage.sources.index import find_sdist
from kollage.sources.store import digest


def _fetch_pypi(pin: Pin, target: Path, file: Path, network: Network) -> str:
    sdist = find_sdist(pin.location, Version(pin.version), network)
    if pin.sha256 and sdist.sha256 and sdist.sha256 not in pin.sha256:
        raise SourceError(
            f"the index publishes {sdist.filename} with sha256 {sdist.sha256}, which is not what was locked",
            hint="find out which of the two is right before you change the lock",
        )
    accepted = (sdist.sha256,) if sdist.sha256 else pin.sha256
    if not accepted:
        raise SourceError(
            f"the index publishes no sha256 for {sdist.filename}",
            hint="give one: sha256 = ..., or use another index",
        )
    origin = _download(sdist.url, file, accepted, network)
    normalise(file, target, label=sdist.filename, top=pin.top)
    return origin


def _fetch_url(pin: Pin, target: Path, file: Path, network: Network) -> str:
    origin = _download(pin.location, file, pin.sha256, network)
    place = public(pin.location)
    if _is_archive(file, urlsplit(place).path, place):
        normalise(file, target, label=place)
    else:
        file.rename(target)
    return origin


def _fetch_git(pin: Pin, target: Path, file: Path, network: Network) -> str:
    write_tree(pin.location, pin.version, file, top=pin.top, reference=pin.reference, network=network)
    normalise(file, target, label=public(pin.location))
    return ""


def _fetch_local(pin: Pin, target: Path, _file: Path, _: Network) -> str:
    if local_archive(pin, target) != pin.version:
        raise SourceError(f"{pin.location} changed while it was used", hint="start again when it rests")
    return ""


FETCHERS: Mapping[str, Callable[[Pin, Path, Path, Network], str]] = {
    "pypi": _fetch_pypi,
    "url": _fetch_url,
    "git": _fetch_git,
    "local": _fetch_local,
}


def local_archive(pin: Pin, target: Path | None) -> str:
    """The sha256 of what is on this host, as it is kept; with a target that is written. Raises `SourceError`."""
    path = Path(pin.location)
    if path.is_dir():
        return pack(path, target, pin.top, extra=version_note(path))
    if not path.is_file():
        raise SourceError(f"{path} is not there", hint="check that this host has it")
    if _is_archive(path, path.name, str(path)):
        return normalise(path, target)
    if target:
        shutil.copyfile(path, target)
    return digest(path)


def _download(url: str, file: Path, accepted: tuple[str, ...], network: Network) -> str:
    got = download(url, file, network)
    if accepted and got not in accepted:
        raise SourceError(
            f"{public(url)} gives the sha256 {got}, not {' or '.join(accepted)}",
            hint="it was changed or damaged on the way; if the change is right, correct sha256",
        )
    return got


def _is_archive(file: Path, name: str, label: str) -> bool:
    """Tell an archive from a single file; a page of HTML under an archive's name is neither."""
    kind = kind_of(file, label=label)
    if kind is Kind.ZIP:  # a .jar or .whl is a zip too, and is used as it is
        return name.lower().endswith(".zip")
    if kind is Kind.PLAIN and name.lower().endswith((*TAR_SUFFIXES, ".zip")):
        raise SourceError(f"{label} is no archive", hint="see what it is: perhaps a page about an error")
    return kind is Kind.TAR
