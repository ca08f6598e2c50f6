"""`kollage lock`: one resolution of all that a release's images install, pinned and with hashes.

The lock is a requirements file that serves as constraint and as build constraint alike; uv verifies the
hashes of both. It is resolved as a whole, for every machine and each Python from the oldest that a base has.
What cannot live with all the others is a set: it is resolved apart, as near to the release's lock as it can be.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from types import MappingProxyType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from kollage import process
from kollage.errors import CatalogueError
from kollage.facts import Facts
from kollage.releases import day, is_version, lock_of, projects, release_facts, sets
from kollage.releases.caps import Suite, caps, read_suite
from kollage.releases.pins import Pin, pins

MIRROR = "http://deb.debian.org/debian"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequest:
    """What a lock is made from."""

    file: Path  # of the release; the lock and the caps stand beside it
    python: str  # the oldest Python that the set must hold for
    exclude_newer: date  # nothing that was uploaded from this day on, UTC
    newer: Mapping[str, date] = field(default_factory=dict)  # name -> its own such day
    projects: Mapping[str, str]  # name on the package index -> version
    requirements: tuple[str, ...]  # what images install besides
    suite: str  # the Debian suite that caps the libraries
    own_caps: Mapping[str, str]  # name -> bound
    exclude: Mapping[str, str]  # name or prefix that the suite does not cap -> why
    set: str = ""  # its name, where it is one of the release's sets
    why: str = ""  # a set: what it cannot share with the others

    @property
    def lock(self) -> Path:
        """Where the lock stands."""
        return lock_of(self.file, self.set)

    @property
    def caps(self) -> Path:
        """Where the caps stand."""
        return self.file.with_name(f"{self.file.stem}.caps.txt")


def lock(
    release_file: Path,
    *,
    uv: Path | str = "uv",
    network: Mapping[str, str] = MappingProxyType({}),
    on_line: process.OnLine | None = None,
    mirror: str = MIRROR,
) -> Path:
    """Resolve a release and write its lock and those of its sets; a file is touched only if something changed.

    Caps that are there hold; where their file is missing, they are read from the release's Debian suite.
    """
    request = load_request(release_file)
    resolve = partial(_resolve, uv=uv, network=network, on_line=on_line)
    if not request.caps.is_file():
        names = [pin.name for pin in pins(resolve(request, _lines(request.own_caps)))]
        suite = read_suite(mirror, request.suite)
        _write_if_new(request.caps, caps_text(request, names, suite, now=datetime.now(UTC)))
    bounds = request.caps.read_text(encoding="utf-8")
    resolved = resolve(request, bounds)
    _write_if_new(request.lock, resolved)
    for each in load_sets(release_file):
        apart = resolve(each, overruled(bounds, each.own_caps), near=resolved)
        _write_if_new(each.lock, f"# Resolved apart: {each.why}.\n{apart}")
    return request.lock


def check(release_file: Path) -> tuple[str, ...]:
    """Tell, as sentences, where the locks of a release are not what its file asks for; nothing is fetched."""
    request = load_request(release_file)
    bounds = _read(request.caps)
    return (
        *disagreements(request, _read(request.lock), bounds),
        *(
            f"{each.set}: {sentence}"
            for each in load_sets(release_file)
            for sentence in disagreements(each, _read(each.lock), overruled(bounds, each.own_caps))
        ),
    )


def load_request(release_file: Path) -> LockRequest:
    """Read what a release's lock is made from."""
    facts = release_facts(release_file)
    locking, capping = facts.table("lock"), facts.table("caps")
    newer = locking.table("newer")
    request = LockRequest(
        file=release_file,
        python=_python(locking, locking.text("python")),
        exclude_newer=day(locking, "exclude-newer"),
        newer={name: day(newer, name) for name in newer.names()},
        projects=projects(facts),
        requirements=_requirements(locking),
        suite=capping.text("suite"),
        own_caps=_bounds(capping),
        exclude=capping.mapping("exclude"),
    )
    locking.done()
    capping.done()
    return request


def load_sets(release_file: Path) -> tuple[LockRequest, ...]:
    """Read what the locks of a release's sets are made from; what a set does not say holds as for the release."""
    whole = load_request(release_file)
    return tuple(_set(name, table, whole) for name, table in sets(release_facts(release_file)).items())


def _set(name: str, facts: Facts, whole: LockRequest) -> LockRequest:
    request = replace(
        whole,
        set=name,
        why=facts.text("why"),
        python=_python(facts, facts.text("python", whole.python)),
        exclude_newer=day(facts, "exclude-newer") if facts.has("exclude-newer") else whole.exclude_newer,
        projects=projects(facts, required=False),
        requirements=_requirements(facts),
        own_caps=_bounds(facts),
    )
    facts.done()
    return request


def inputs(request: LockRequest) -> list[str]:
    """Return the requirements that are resolved together: each project at its version, and the rest."""
    return [*(f"{name}=={version}" for name, version in request.projects.items()), *request.requirements]


def command(request: LockRequest, uv: Path | str) -> list[str]:
    """Return uv's command line, for a folder with `requirements.in` and `caps.txt`: it records no path."""
    return [
        *(str(uv), "pip", "compile", "--quiet", "--no-config", "--no-python-downloads"),
        *("--universal", "--python-version", request.python),
        # a bare date would mean this machine's time zone
        *("--exclude-newer", f"{request.exclude_newer.isoformat()}T00:00:00Z"),
        *(f"--exclude-newer-package={name}={day.isoformat()}T00:00:00Z" for name, day in request.newer.items()),
        *("--constraint", "caps.txt", "--build-constraint", "caps.txt"),
        *("--generate-hashes", "--no-annotate", "--no-emit-index-url"),
        *("--custom-compile-command", f"kollage lock --release {request.file.stem}"),
        *("--output-file", "resolved.txt", "requirements.in"),
    ]


def caps_text(request: LockRequest, names: Iterable[str], suite: Suite, *, now: datetime) -> str:
    """Return the text of a caps file; it says from what it was made."""
    skip = {*request.exclude, *request.own_caps, *map(canonicalize_name, request.projects)}
    bounds = {**caps(names, suite, exclude=skip), **request.own_caps}
    return (
        "# Made by `kollage lock`, which makes it anew where it is missing.\n"
        f"# Each library stays below the next minor series of the one in Debian {suite.name}\n"
        f"# of {suite.dated}. The index matched the suite's signed release file,\n"
        f"# {_validity(suite, now)}.\n"
        f"# Caps of our own and exclusions, with their reasons: [caps] in {request.file.name}.\n"
        f"{_lines(bounds)}"
    )


def overruled(bounds: str, own: Mapping[str, str]) -> str:
    """Return the lines of a caps file with bounds of a set's own in place of those for the same names."""
    kept = [line for line in bounds.splitlines() if line.startswith("#") or Requirement(line).name not in own]
    return "".join(f"{line}\n" for line in kept) + _lines(own)


def disagreements(request: LockRequest, lock_text: str, caps_lines: str = "") -> tuple[str, ...]:
    """Tell, as sentences, where the text of a lock is not what was asked for."""
    found = pins(lock_text)
    locked = {pin.name for pin in found}
    wanted = [Requirement(line) for line in inputs(request)]
    bounds = [Requirement(line) for line in caps_lines.splitlines() if not line.startswith("#")]
    return (
        *(f"{each.name} is not locked" for each in wanted if canonicalize_name(each.name) not in locked),
        *(sentence for each in [*wanted, *bounds] for sentence in _breaches(each, found)),
        *(f"{pin.name} has no hash" for pin in found if not pin.hashes),
    )


def _breaches(bound: Requirement, found: Iterable[Pin]) -> Iterator[str]:
    name = canonicalize_name(bound.name)
    for pin in found:
        if pin.name == name and not bound.specifier.contains(pin.version, prereleases=True):
            yield f"{pin.name} is locked at {pin.version} and should be {bound.specifier}"


def _resolve(
    request: LockRequest,
    constraints: str,
    *,
    near: str = "",
    uv: Path | str,
    network: Mapping[str, str],
    on_line: process.OnLine | None,
) -> str:
    with TemporaryDirectory(prefix="kollage-lock-") as name:
        folder = Path(name)
        (folder / "requirements.in").write_text("".join(f"{line}\n" for line in inputs(request)))
        (folder / "caps.txt").write_text(constraints)
        if near:  # what uv finds where it is to write, it takes wherever it can
            (folder / "resolved.txt").write_text(near)
        process.run(command(request, uv), env=network, cwd=folder, on_line=on_line)
        return (folder / "resolved.txt").read_text(encoding="utf-8")


def _validity(suite: Suite, now: datetime) -> str:
    if not suite.valid_until:
        return "which carries no date of expiry"
    until = parsedate_to_datetime(suite.valid_until.replace("UTC", "+0000"))
    return f"valid until {suite.valid_until}" + (", which had passed when it was read" if now > until else "")


def _lines(bounds: Mapping[str, str]) -> str:
    return "".join(f"{name}{bounds[name]}\n" for name in sorted(bounds))


def _python(facts: Facts, python: str) -> str:
    if not re.fullmatch(r"3\.\d+", python):
        raise facts.complaint("python", f"is '{python}'", hint='give a series, such as "3.12"')
    return python


def _requirements(facts: Facts) -> tuple[str, ...]:
    lines = facts.texts("requirements")
    for line in lines:
        if not _parses(line):
            raise facts.complaint(
                "requirements", f"holds '{line}'", hint='write a requirement, such as "keystone[ldap]"'
            )
    return lines


def _bounds(facts: Facts) -> Mapping[str, str]:
    bounds = facts.mapping("own")
    for name, bound in bounds.items():
        if not _parses(f"{name}{bound}") or is_version(bound):
            raise facts.complaint(f"own.{name}", f"is '{bound}'", hint='write a bound, such as "<82"')
    return bounds


def _parses(requirement: str) -> bool:
    try:
        Requirement(requirement)
    except InvalidRequirement:
        return False
    return True


def _read(path: Path) -> str:
    if not path.is_file():
        raise CatalogueError(f"{path} is missing", hint="make it: kollage lock")
    return path.read_text(encoding="utf-8")


def _write_if_new(path: Path, text: str) -> None:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)  # a temporary file is for its owner only
    Path(file.name).replace(path)
