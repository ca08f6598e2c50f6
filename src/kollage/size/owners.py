"""Who brought each file: a package of the distribution, a Python distribution, or nobody who said so."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from kollage.archives.installed import installed
from kollage.size.tree import Tree

_INFO = "/var/lib/dpkg/info"
_RECORD = re.compile(r"(?P<site>.+)/(?P<stem>[^/]+)\.dist-info/RECORD")
_COMPILED = re.compile(r"(?P<folder>.*)/__pycache__/(?P<module>[^/]+?)\.cpython-\d+(?:\.opt-\d)?\.pyc")
_RPM = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Who brought files."""

    kind: str  # package or python
    name: str
    version: str


def owners(tree: Tree) -> Mapping[str, Owner]:
    """The owner of each file that has one. What a package has, a Python distribution in it does not count again.

    Python's compiled files belong to whom their sources belong to.
    """
    found: dict[str, Owner] = {}
    for path, owner in (*_packages(tree), *_distributions(tree)):
        found.setdefault(path, owner)
    for path in tree.files:
        compiled = _COMPILED.fullmatch(path)
        source = f"{compiled['folder']}/{compiled['module']}.py" if compiled else ""
        if source in found:
            found.setdefault(path, found[source])
    return found


def note(tree: Tree) -> str:
    """What is not known of the owners, as a sentence; "" if nothing."""
    has_rpm = any(path.startswith(_RPM) for path in tree.files)
    return "the rpm database is not read: what packages brought belongs to nobody here" if has_rpm else ""


def _packages(tree: Tree) -> Iterator[tuple[str, Owner]]:
    known = installed(tree.root.text("/var/lib/dpkg/status"))
    for path in tree.files:
        if not path.startswith(f"{_INFO}/") or not path.endswith(".list"):
            continue
        name = PurePosixPath(path).name.removesuffix(".list").partition(":")[0]
        if name in known:
            owner = Owner("package", name, known[name].version)
            listed = map(tree.found, tree.root.text(path).splitlines())
            yield from ((file, owner) for file in listed if file)


def _distributions(tree: Tree) -> Iterator[tuple[str, Owner]]:
    for path in tree.files:
        record = _RECORD.fullmatch(path)
        if not record:
            continue
        owner = _distribution(tree, f"{record['site']}/{record['stem']}.dist-info/METADATA", record["stem"])
        listed = (_joined(record["site"], name) for name in _recorded(tree.root.text(path)))
        yield from ((file, owner) for each in listed if (file := tree.found(each)))


def _distribution(tree: Tree, metadata: str, stem: str) -> Owner:
    fields = HeaderParser().parsestr(tree.root.text(metadata).partition("\n\n")[0])
    name, _, version = stem.partition("-")
    return Owner(
        "python", canonicalize_name(str(fields.get("Name", name)).strip()), str(fields.get("Version", version)).strip()
    )


def _recorded(record: str) -> Iterator[str]:
    """The paths of a RECORD; a line that is none is passed over."""
    try:
        yield from (row[0] for row in csv.reader(record.splitlines()) if row)
    except csv.Error:
        return


def _joined(site: str, name: str) -> str:
    """A path of a RECORD, which may lead out of its folder, as an absolute one without `..`."""
    parts: list[str] = []
    for part in PurePosixPath(site, name).parts[1:]:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/" + "/".join(parts)
