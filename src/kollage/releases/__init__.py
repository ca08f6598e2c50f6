"""The releases that Kollage knows: `images/releases/<name>.toml`, kept by hand, and the lock made from it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import MappingProxyType

from packaging.version import InvalidVersion, Version

from kollage.catalogue import part
from kollage.errors import CatalogueError
from kollage.facts import Facts, nearest, read
from kollage.image import Release

RELEASES = Path(__file__).parent.parent / "images" / "releases"


def load_release(name: str, folder: Path = RELEASES) -> Release:
    """Read a release that is locked and can be built from."""
    path = path_of(name, folder)
    lock = path.with_name(f"{name}.lock")
    if not lock.is_file():
        raise CatalogueError(f"release {name} has no lock: {lock} is missing", hint="make it: kollage lock")
    facts = release_facts(path)
    return Release(
        name=name,
        codename=facts.text("codename"),
        epoch=seconds(day(facts, "epoch")),
        projects=projects(facts),
        constraints=lock,
    )


def folder_of(catalogue: Path) -> Path:
    """The folder of the releases that a catalogue is built from: its own, else Kollage's."""
    return part(catalogue, "releases")


def path_of(name: str, folder: Path = RELEASES) -> Path:
    """Return the file of a release."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = release_names(folder)
        hint = nearest(name, known) or f"known releases: {', '.join(known) or 'none'}"
        raise CatalogueError(f"there is no release '{name}': {path} is missing", hint=hint)
    return path


def release_names(folder: Path = RELEASES) -> tuple[str, ...]:
    """Return the names of all releases, oldest first."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def release_facts(path: Path) -> Facts:
    """Read the file of a release, which is called as the release is."""
    facts = read(path)
    if facts.text("name") != path.stem:
        raise facts.complaint(
            "name", f"is '{facts.text('name')}'", hint=f"call it '{path.stem}', as the file is called"
        )
    for key in ("codename", "epoch"):
        facts.text(key)
    for key in ("projects", "lock", "caps"):
        facts.table(key)
    facts.done()
    return facts


def projects(facts: Facts) -> Mapping[str, str]:
    """Return the version of each project, by its name on the package index."""
    found = facts.mapping("projects")
    if not found:
        raise facts.complaint("projects", "is empty", hint='give each its version: keystone = "30.0.0"')
    for name, version in found.items():
        if not is_version(version):
            raise facts.complaint(f"projects.{name}", f"is '{version}'", hint='give one version, such as "30.0.0"')
    return MappingProxyType(dict(found))


def day(facts: Facts, key: str) -> date:
    """Return a date, written as 2026-11-01."""
    text = facts.text(key)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise facts.complaint(key, f"is '{text}'", hint='write a date, such as "2026-11-01"') from error


def seconds(first: date) -> int:
    """Return the first second of a day, UTC, counted from 1970."""
    return int(datetime.combine(first, time(), UTC).timestamp())


def is_version(text: str) -> bool:
    """Tell whether a text is one version, as the package index writes them."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
