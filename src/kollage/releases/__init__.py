"""The releases that Kollage knows: `images/releases/<name>.toml`, kept by hand, and the lock made from it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import MappingProxyType

from packaging.version import InvalidVersion, Version

from kollage.catalogue import part
from kollage.errors import CatalogueError
from kollage.facts import Facts, nearest, read
from kollage.image import BASES, ConstraintSet, Release

RELEASES = Path(__file__).parent.parent / "images" / "releases"


def load_release(name: str, folder: Path = RELEASES) -> Release:
    """Read a release that is locked and can be built from."""
    path = path_of(name, folder)
    lock = _there(lock_of(path), f"release {name}")
    facts = release_facts(path)
    return Release(
        name=name,
        codename=facts.text("codename"),
        epoch=seconds(day(facts, "epoch")),
        projects=projects(facts),
        constraints=lock,
        sets=MappingProxyType(
            {
                each: ConstraintSet(
                    projects=projects(table, required=False),
                    constraints=_there(lock_of(path, each), f"the set {each} of release {name}"),
                )
                for each, table in sets(facts).items()
            }
        ),
    )


def lock_of(release_file: Path, constraints: str = "") -> Path:
    """Return where the lock of a release stands, or that of one of its sets."""
    return release_file.with_name(f"{release_file.stem}{'-' if constraints else ''}{constraints}.lock")


def _there(lock: Path, whose: str) -> Path:
    if not lock.is_file():
        raise CatalogueError(f"{whose} has no lock: {lock} is missing", hint="make it: kollage lock")
    return lock


def folder_of(catalogue: Path) -> Path:
    """The folder of the releases that a catalogue is built from: its own, else Kollage's."""
    return part(catalogue, "releases")


def path_of(name: str, folder: Path = RELEASES) -> Path:
    """Return the file of a release."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = release_names(folder)
        raise CatalogueError(
            f"there is no release '{name}'",
            hint=f"one of {', '.join(known) or 'none'}; Kolla's own templates of any other are built with --images-dir",
        )
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
    facts.text("part-of", "")
    facts.number("larger", 0)
    for key in ("projects", "lock", "caps", "sets", "images", "bases"):
        facts.table(key)
    facts.done()
    return facts


def bases(facts: Facts) -> Mapping[str, str]:
    """Return the bases that a release is held to, each with its tag; none where it stands on any."""
    found = facts.mapping("bases")
    for base in found:
        if base not in BASES:
            raise facts.complaint(f"bases.{base}", "is no base", hint=nearest(base, BASES) or f"one of {BASES}")
    return found


def sets(facts: Facts) -> Mapping[str, Facts]:
    """Return the tables of what a release resolves apart, by the names that images call them."""
    table = facts.table("sets")
    found = {name: table.table(name) for name in table.names()}
    for name in found:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise facts.complaint(f"sets.{name}", "is no name of a set", hint="write small letters, digits and dashes")
    return found


def projects(facts: Facts, *, required: bool = True) -> Mapping[str, str]:
    """Return the version of each project, by its name on the package index."""
    found = facts.mapping("projects")
    if required and not found:
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
