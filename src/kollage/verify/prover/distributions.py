"""The Python distributions of an image as their metadata describes them, by the environment that sees them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser, Error
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

from packaging.utils import canonicalize_name

from kollage.verify.prover.reading import text
from kollage.verify.subject import Subject

_KNOWN: WeakKeyDictionary[Subject, tuple["Environment", ...]] = WeakKeyDictionary()
_METADATA = re.compile(r"(?P<site>.+)/[^/]+\.(dist-info|egg-info)(/(METADATA|PKG-INFO))?")
_SCRIPT = re.compile(r"^(?:\.\./)+bin/([^/,]+),", re.MULTILINE)  # as a RECORD tells it, from the site's folder
_SYSTEM = (  # where the families keep what is not in an environment; {0} is the version, such as 3.13
    "/usr/local/lib/python{0}/dist-packages",
    "/usr/local/lib/python{0}/site-packages",
    "/usr/local/lib64/python{0}/site-packages",
    "/usr/lib/python3/dist-packages",
    "/usr/lib/python{0}/dist-packages",
    "/usr/lib/python{0}/site-packages",
    "/usr/lib64/python{0}/site-packages",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """Something that is found by its group and name and loaded from its value, `module:attribute`."""

    group: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An installed distribution. Nothing is checked: its texts are what its author wrote."""

    name: str  # in the form in which names are compared
    version: str
    site: str  # the folder that its packages are in
    requires_python: str = ""
    requirements: tuple[str, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    packages: tuple[str, ...] = ()  # its modules and packages at the top; of a source tree alone
    scripts: tuple[str, ...] = ()  # the names of what it put among the environment's programs
    from_tree: bool = False  # whether it was installed from a source tree, as the services of images are


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment with all that it sees, what is nearer first."""

    folder: str
    version: str  # of its Python, such as 3.13.5
    own: tuple[Distribution, ...]
    system: tuple[Distribution, ...]  # of the distribution's Python, where the environment sees that

    @property
    def projects(self) -> Sequence[Distribution]:
        """The service and its plugins: what was installed from source trees."""
        return [each for each in self.own if each.from_tree]


def environments(subject: Subject) -> Sequence[Environment]:
    """The virtual environments of an image, read once for all checks."""
    if subject not in _KNOWN:
        _KNOWN[subject] = tuple(_environments(subject))
    return _KNOWN[subject]


def _environments(subject: Subject) -> Iterator[Environment]:
    """The metadata of all environments is found in one pass."""
    described = [path for path in subject.entries if path.endswith("/pyvenv.cfg")]
    sites = _metadata(subject) if described else {}
    for path in described:
        settings = dict(_settings(text(subject, path)))
        found = re.match(r"\d+\.\d+(\.\d+)?", settings.get("version_info") or settings.get("version", ""))
        if not found:
            continue
        minor = ".".join(found[0].split(".")[:2])
        folder = str(PurePosixPath(path).parent)
        own = (f"{folder}/lib/python{minor}/site-packages", f"{folder}/lib64/python{minor}/site-packages")
        shared = settings.get("include-system-site-packages", "").lower() == "true"
        system = [place.format(minor) for place in _SYSTEM] if shared else []
        yield Environment(
            folder=folder,
            version=found[0],
            own=tuple(_read(subject, metadata) for site in own for metadata in sites.get(site, ())),
            system=tuple(_read(subject, metadata) for site in system for metadata in sites.get(site, ())),
        )


def _metadata(subject: Subject) -> Mapping[str, Sequence[str]]:
    """The files of metadata by the folder of the distributions that they describe."""
    sites: dict[str, list[str]] = {}
    for path, entry in subject.entries.items():
        found = _METADATA.fullmatch(path) if "-info" in path and entry.is_file else None
        if found:
            sites.setdefault(found["site"], []).append(path)
    return sites


def _settings(content: str) -> Iterator[tuple[str, str]]:
    for line in content.splitlines():
        key, _, value = line.partition("=")
        yield key.strip().lower(), value.strip()


def _read(subject: Subject, metadata: str) -> Distribution:
    folder = str(PurePosixPath(metadata).parent) if metadata.endswith(("/METADATA", "/PKG-INFO")) else ""
    site = str(PurePosixPath(folder or metadata).parent)
    fields = HeaderParser().parsestr(text(subject, metadata).partition("\n\n")[0])
    stem = PurePosixPath(folder or metadata).name.split("-")
    record = text(subject, f"{folder}/RECORD") if folder else ""
    from_tree = bool(folder) and _from_tree(text(subject, f"{folder}/direct_url.json"))
    return Distribution(
        name=canonicalize_name(str(fields.get("Name", stem[0])).strip()),
        version=str(fields.get("Version", "")).strip(),
        site=site,
        requires_python=str(fields.get("Requires-Python", "")).strip(),
        requirements=tuple(str(value) for value in fields.get_all("Requires-Dist", [])),
        entry_points=tuple(_entry_points(text(subject, f"{folder}/entry_points.txt"))) if folder else (),
        packages=tuple(dict.fromkeys(_packages(record))) if from_tree else (),
        scripts=tuple(_SCRIPT.findall(record)),
        from_tree=from_tree,
    )


def _entry_points(content: str) -> Iterator[EntryPoint]:
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment] # as the documentation of configparser says
    try:
        parser.read_string(content)
    except Error:
        return
    for group in parser.sections():
        for name, value in parser.items(group):
            yield EntryPoint(group=group, name=name, value=value)


def _packages(record: str) -> Iterator[str]:
    for line in record.splitlines():
        path = line.partition(",")[0]
        top = path.partition("/")[0].removesuffix(".py")
        if path.endswith(".py") and top.isidentifier():
            yield top


def _from_tree(content: str) -> bool:
    try:
        origin = json.loads(content or "{}")
    except ValueError:
        return False
    return isinstance(origin, dict) and ("dir_info" in origin or "vcs_info" in origin)
