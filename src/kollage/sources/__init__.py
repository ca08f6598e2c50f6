"""From a source to an archive: `pin` says exactly what it is, `fetch` brings it into the store.

Pinning asks the network only what a git reference means; everything else is known from the configuration,
the release and this host's files. What is fetched is checked, made the same everywhere (`kollage.sources.archive`)
and kept, so it is fetched once. Every failure is a `SourceError` that names the source.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from string import Template
from types import MappingProxyType

from packaging.version import InvalidVersion, Version

from kollage.addresses import public
from kollage.errors import SourceError
from kollage.image import Release, Source
from kollage.sources.download import Network, local_path
from kollage.sources.store import Store, digest, store_errors

DEFAULT_NETWORK = Network()
DEBIAN_ARCH: Mapping[str, str] = {"x86_64": "amd64", "aarch64": "arm64"}

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What exactly a source is.

    `identity` goes into fingerprints: it is the same on every host and holds no password. Two pins of one
    identity have the same content, as far as the other side keeps its word: a url without a checksum is only
    as constant as its server. `top` is the archive's one top directory, "" where only the archive knows.
    """

    name: str
    type: str
    identity: str
    location: str = field(repr=False)  # may hold a password
    reference: str = ""  # git: what the commit was found by
    version: str = ""  # pypi: the version; git: the commit; local: the sha256 of the normalised content
    sha256: tuple[str, ...] = ()  # what may be downloaded; empty: anything
    top: str = ""

    @property
    def key(self) -> str:
        """What the store keeps it under; checksums are compared, not looked up."""
        return self.identity.partition("#sha256:")[0]


def pin(
    source: Source,
    *,
    release: Release,
    locals_base: str = "",
    arch: str = "x86_64",
    store: Store | None = None,
    network: Network = DEFAULT_NETWORK,
    accepted: Collection[str] = (),
    variables: Mapping[str, str] = _NO_VARIABLES,
) -> Pin:
    """Say exactly what a source is.

    pypi and url need no network; git needs it unless the reference is a commit; a local folder is read. A
    url without a checksum is identified by its address and, once it was fetched, by what the store holds of
    it: pin again after the first fetch, and `forget` it to have a moving address fetched anew. `accepted` are
    digests that a lock file allows a pypi source to have. `$name` or `${name}` in a location or reference
    stands for one of `variables`, or for locals_base, version or debian_arch.
    """
    base = _at_home(locals_base or ".").absolute()
    known = {"locals_base": str(base), "version": source.version, "debian_arch": DEBIAN_ARCH.get(arch, arch)}
    with _about(source.name):
        meant = _expanded(source, {**known, **variables})
        match meant.type:
            case "pypi":
                return _pin_pypi(meant, release, (*_digests(meant, arch), *map(_valid_digest, accepted)))
            case "url":
                return _pin_url(meant, _digests(meant, arch), store)
            case "git":
                return _pin_git(meant, network)
            case "local":
                return _pin_local(meant, base)
            case other:
                raise SourceError(f"its type '{other}' is not known", hint="use pypi, url, git or local")


def fetch(pin: Pin, store: Store, network: Network = DEFAULT_NETWORK) -> Path:
    """Bring a source into the store, unless it is there, and return its path: a normalised tar.

    A url or local path that gives neither a tar nor a `.zip` is kept as it is, for images that use one file.
    """
    from kollage.sources.fetching import FETCHERS

    with _about(pin.name), store_errors(store.root), store.lock(pin.key):
        held = store.find(pin.key)
        if held and (not pin.sha256 or held.origin in pin.sha256):
            return held.path
        with store.scratch() as scratch:
            kept = scratch / "archive"
            origin = FETCHERS[pin.type](pin, kept, scratch / "download", network)
            return store.keep(pin.key, kept, origin=origin).path


def is_here(pin: Pin, store: Store) -> bool:
    """Whether a source needs no network any more. What the store holds of it is not checked yet."""
    if pin.type == "local":
        return True
    with store_errors(store.root):
        held = store.recorded(pin.key)
    return held is not None and (not pin.sha256 or held.origin in pin.sha256)


def forget(pin: Pin, store: Store) -> None:
    """Have a source fetched anew the next time, such as an address whose content moves."""
    with store_errors(store.root):
        store.forget(pin.key)


# what is known without fetching


def _expanded(source: Source, variables: Mapping[str, str]) -> Source:
    try:
        location, reference = (Template(text).substitute(variables) for text in (source.location, source.reference))
    except KeyError as error:
        name = str(error.args[0])
        raise SourceError(f"${name} is not known", hint=_nearest(name, variables)) from error
    except ValueError as error:
        raise SourceError(
            f"{public(source.location)} has a dollar sign without a name behind it",
            hint="write $$ for a plain one",
        ) from error
    if not location:
        raise SourceError("it has no location", hint="say where it is: location = ...")
    return replace(source, location=location, reference=reference)


def _pin_pypi(source: Source, release: Release, accepted: tuple[str, ...]) -> Pin:
    from packaging.utils import canonicalize_name

    project = canonicalize_name(source.location)
    given = source.version or _release_version(project, release, source.constraints)
    try:
        version = str(Version(given))
    except InvalidVersion as error:
        raise SourceError(f"'{given}' is not a version", hint="write one such as 30.0.0") from error
    return Pin(
        name=source.name,
        type=source.type,
        identity=f"pypi:{project}=={version}",
        location=project,
        version=version,
        sha256=accepted,
        top=f"{project}-{version}",
    )


def _release_version(project: str, release: Release, constraints: str) -> str:
    from packaging.utils import canonicalize_name

    versions = release.projects_of(constraints)
    projects = {str(canonicalize_name(name)): version for name, version in versions.items()}
    if project in projects:
        return projects[project]
    file = release.constraints.with_name(f"{release.name}.toml")
    raise SourceError(
        f"release {release.name} has no version of '{project}'",
        hint=f"add it to {file} or give a version{_nearest(project, projects, '; ')}",
    )


def _pin_url(source: Source, digests: tuple[str, ...], store: Store | None) -> Pin:
    place = public(source.location)
    address = Pin(name=source.name, type=source.type, identity=f"url:{place}", location=source.location, sha256=digests)
    if not digests and place.startswith("file:"):
        digests = (digest(local_path(source.location)),)
    if not digests and store:
        with store_errors(store.root):
            held = store.recorded(address.key)
        digests = (held.origin,) if held and held.origin else ()
    return replace(address, identity="#sha256:".join([address.identity, *digests]), sha256=digests)


def _pin_git(source: Source, network: Network) -> Pin:
    from kollage.sources.git import commit_of

    commit = commit_of(source.location, source.reference, network)
    top = f"{source.name}-archive-{(source.reference or 'HEAD').replace('/', '-')}"
    return Pin(
        name=source.name,
        type=source.type,
        identity=f"git:{public(source.location)}@{commit}#{top}",
        location=source.location,
        reference=source.reference,
        version=commit,
        top=top,
    )


def _pin_local(source: Source, base: Path) -> Pin:
    from kollage.sources.fetching import local_archive

    path = _local_path(source.location, base)
    top = (path.name or path.resolve().name or source.name) if path.is_dir() else ""
    known = Pin(name=source.name, type=source.type, identity="", location=str(path), top=top)
    content = local_archive(known, None)
    return replace(known, identity=f"local:{content}", version=content)


def _local_path(location: str, base: Path) -> Path:
    given = _at_home(location)
    places = [place / given for place in (base, Path.cwd())]  # Kolla knows only the second
    for place in places:
        if place.exists():
            return place.resolve() if place.name == ".." else place
    raise SourceError(
        f"there is no folder or archive {' or '.join(dict.fromkeys(map(str, places)))}",
        hint="check the location and locals_base",
    )


def _at_home(path: str) -> Path:
    with suppress(RuntimeError):  # ~somebody whom this host does not know
        return Path(path).expanduser()
    return Path(path)


def _digests(source: Source, arch: str) -> tuple[str, ...]:
    """Choose the checksum for an architecture, under the kernel's name for it or Debian's."""
    for name in (arch, DEBIAN_ARCH.get(arch, arch), ""):
        if name in source.sha256:
            return (_valid_digest(source.sha256[name]),)
    if source.sha256:
        raise SourceError(
            f"it has a sha256 for {', '.join(sorted(source.sha256))} and none for {arch}",
            hint=f"add one for {arch}, or leave sha256 out",
        )
    return ()


def _valid_digest(text: str) -> str:
    found = text.strip().lower().removeprefix("sha256:")
    if not _DIGEST.fullmatch(found):
        raise SourceError(f"'{text}' is not a sha256", hint="it has 64 hexadecimal digits: sha256sum prints it")
    return found


def _nearest(name: str, names: Collection[str], before: str = "") -> str:
    near = get_close_matches(name, names, 1)
    return f"{before}did you mean '{near[0]}'?" if near else ""


@contextmanager
def _about(name: str) -> Iterator[None]:
    """Name the source in whatever goes wrong."""
    try:
        yield
    except SourceError as error:
        raise SourceError(f"source '{name}': {error.message}", hint=error.hint) from error
    except OSError as error:
        raise SourceError(
            f"source '{name}': {error.strerror} ({error.filename})", hint="check the path and its permissions"
        ) from error
