"""What an engine can do, and the one place where an engine is chosen."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.errors import EngineError, KollageError
from kollage.kept import Kept, key_of, stamp
from kollage.options import Options
from kollage.process import OnLine


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """One image to build. Nothing in it depends on the engine."""

    context: Path
    dockerfile: Path
    references: tuple[str, ...]  # the names that the image gets
    labels: Mapping[str, str] = field(default_factory=dict)
    build_args: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # build arguments that may be secret: handed over in the environment, never on a command line
    secrets: Mapping[str, Path] = field(
        default_factory=dict
    )  # id -> file: seen by RUN lines that ask for it, left nowhere
    contexts: Mapping[str, Path] = field(default_factory=dict)  # name -> folder: further build contexts
    platform: str = ""  # "" means: the host's
    network: str = "host"
    cache: bool = True  # whether layers of earlier builds may be used
    pull: bool = False  # whether a newer parent is looked for on its registry
    squash: bool = False  # whether all that is added to the parent becomes one layer
    run: Path | None = None  # the folder of the run that builds: what tells its containers from those of others
    keep: bool = False  # whether the container of a build that fails stays, to be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """An image in the engine's own store."""

    id: str
    references: tuple[str, ...]
    size: int = 0  # bytes, with its parents
    also: tuple[str, ...] = ()  # names that mean one of the references: docker takes docker.io for granted

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the image answers to."""
        return (*self.references, *self.also)


def ids_by_name(images: "Iterable[Local]") -> dict[str, str]:
    """The ids of images by every name that they answer to."""
    return {name: image.id for image in images for name in image.names}


class Engine(Protocol):
    """The seam between the core and buildah, podman or docker. Every method raises `EngineError` or `CommandError`."""

    @property
    def name(self) -> str:
        """What the engine is called in messages."""

    def version(self) -> str:
        """The engine's version; proves that it answers."""

    def about(self) -> Mapping[str, str]:
        """What a report of a bug needs to say of the engine; what it does not tell is `unknown`. Never raises."""

    def images(self, label: str = "") -> tuple[Local, ...]:
        """Every image in the store, or those with a label: `name` or `name=value`."""

    def free_bytes(self) -> int:
        """How much room the store has left."""

    def unfinished(self) -> Mapping[str, str]:
        """Containers that builds work in: id -> name of the image they began with."""

    def working_for(self, run: Path) -> frozenset[str] | None:
        """Those in which the run of that folder works; None where that cannot be told."""

    def discard(self, containers: Iterable[str]) -> None:
        """Remove such containers; one that is gone already is fine."""

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """Build an image and give its id."""

    def command(self, order: BuildOrder) -> str:
        """The command line that `build` runs, ready to paste."""

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """Fetch an image from its registry and give its id; `plain` allows one without TLS."""

    def tag(self, image: str, reference: str) -> None:
        """Give an image one more name."""

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """Push an image to the registry that its name says and give the digest that it has there.

        `plain` allows a registry without TLS. Only what the registry does not have travels. Credentials are the
        engine's own affair: each reads the files that its `login` writes.
        """

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """Push an index under a name: the images of several platforms, which were pushed under names of their own."""

    def remove(self, images: Iterable[str]) -> None:
        """Remove images, by name or id; what containers or other images stand on stays and is an error."""

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """Open an image to look into it, without starting what it is for; `run` is the folder of whose run that is."""

    def containers(self, *, systemd: bool = False) -> Containers:
        """What runs containers of this store; with `systemd` those whose first process it is.

        Raises `EngineError` where nothing does.
        """

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """Make an image of one layer from the tar archive of a root file system, and give its id.

        `platform` is that of the programs in it; "" means the host's.
        """


def engine_for(options: Options) -> Engine:
    """The engine that the options name, or with `auto` the first that answers; transient failures are tried again.

    Raises `EngineError` where none answers.
    """
    from kollage.engines.retrying import Retrying

    return Retrying(_answering(options), attempts=options.retries + 1)


def builder_for(options: Options) -> Engine:
    """The same for builds: one that cannot do what they ask for is a `UsageError` before anything is begun."""
    from kollage.engines.retrying import Retrying

    engine = _answering(options)
    if options.squash:
        from kollage.engines.docker import Docker

        if isinstance(engine, Docker):
            engine.require_squashing()
    return Retrying(engine, attempts=options.retries + 1)


def _buildah(options: Options) -> Engine:
    from kollage.engines.buildah import Buildah

    return Buildah(temporary=options.cache_dir / _OWN, timeout=float(options.timeout))


def _podman(options: Options) -> Engine:
    from kollage.engines.podman import Podman

    return Podman(temporary=options.cache_dir / _OWN, url=options.podman_base_url, timeout=float(options.timeout))


def _docker(options: Options) -> Engine:
    from kollage.engines.docker import Docker

    return Docker(
        buildkit=options.buildkit,
        builder=options.buildkit_builder,
        squash_cleanup=options.squash_cleanup,
        squash_tmp_dir=options.squash_tmp_dir,
        timeout=float(options.timeout),
    )


_OWN = "engine"  # a folder of the user's own, for engines without a daemon
_KNOWN: Mapping[str, Callable[[Options], Engine]] = {"buildah": _buildah, "podman": _podman, "docker": _docker}


def _answering(options: Options) -> Engine:
    complaints: list[str] = []
    for make in (_KNOWN[options.engine],) if options.engine in _KNOWN else _KNOWN.values():
        engine = make(options)
        try:
            _see_that_it_answers(engine, options)
        except KollageError as error:
            complaints.append(error.message)
        else:
            return engine
    raise EngineError(
        f"no engine answers: {'; '.join(complaints)}", hint="start one, or install buildah, which needs no daemon"
    )


def _see_that_it_answers(engine: Engine, options: Options) -> None:
    """Ask for the version; not again of one without a daemon, of which its program alone decides what it answers."""
    program = "" if engine.name == "docker" or options.podman_base_url else shutil.which(engine.name)
    if not program:
        engine.version()
        return
    answered, key = Kept(folder=options.cache_dir / "engines", most=4), key_of([stamp(program)])
    if answered.read(key) is None:
        answered.write(key, engine.version().encode())
