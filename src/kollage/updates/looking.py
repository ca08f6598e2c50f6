"""Look for newer versions of the distribution packages that images hold, in the archives that they name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kollage import archives, engines, graph, report
from kollage.archives import State, Update, seen
from kollage.catalogue import Catalogue
from kollage.engines import Engine, ids_by_name
from kollage.errors import ExitCode, UsageError
from kollage.graph import Graph
from kollage.image import FAMILIES
from kollage.options import Options
from kollage.output import write
from kollage.render import reference
from kollage.report.archives import updates_json, updates_text
from kollage.rootfs import Root
from kollage.sources.download import network_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found: the updates of each image that has any, and what could not be told, as sentences."""

    updates: Mapping[str, tuple[Update, ...]]
    notes: tuple[str, ...] = ()

    def versions(self) -> Mapping[str, tuple[str, ...]]:
        """The candidates of each image, as package=version."""
        return {name: tuple(f"{each.package}={each.candidate}" for each in some) for name, some in self.updates.items()}


def run(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Tell which packages of the chosen images in the store have updates, and return the exit code."""
    chosen = graph.resolve(catalogue, options)
    engine = engines.engine_for(options)
    looked = look(chosen, _in_store(chosen, engine, options), engine, options)
    if options.format == "json":
        write(report.json_text(updates_json(looked.updates, looked.notes)), stream)
    else:
        write(updates_text(looked.updates, looked.notes, terminal=report.is_terminal(stream)), stream)
    return ExitCode.OK


def look(chosen: Graph, there: Mapping[str, str], engine: Engine, options: Options) -> Looked:
    """Find the updates of images by their ids in the store, without starting anything.

    A package is counted for the image that brought it, not for its children, which follow. Raises `SourceError`
    where an archive cannot be believed, and `UsageError` on a base without dpkg.
    """
    if FAMILIES[options.base] != "deb":
        raise UsageError(
            f"the package archives of {options.base} cannot be asked for updates",
            hint="this works for debian and ubuntu; --force builds images anew",
        )
    read = archives.reader(network_of(options.network, options.ca_bundle), options.cache_dir / "archives")
    every: dict[str, tuple[Update, ...]] = {}
    own: dict[str, tuple[Update, ...]] = {}
    notes: dict[str, None] = {}
    for image in chosen.images:
        if image.name not in there:
            continue
        state = _state(engine, there[image.name], options.cache_dir / "seen")
        notes.update(dict.fromkeys(_notes(image.name, state)))
        every[image.name] = tuple(archives.updates(state, read))
        inherited = every.get(image.parent or "", ())
        own[image.name] = tuple(update for update in every[image.name] if update not in inherited)
    return Looked(updates={name: found for name, found in own.items() if found}, notes=tuple(notes))


def _in_store(chosen: Graph, engine: Engine, options: Options) -> Mapping[str, str]:
    """The chosen images that the store has under their names, by name, and their ids."""
    names = ids_by_name(engine.images())
    wanted = {image.name: reference(image.name, options) for image in chosen.images}
    there = {name: names[whole] for name, whole in wanted.items() if whole in names}
    if not there:
        raise UsageError(
            f"none of these images is in the store: {', '.join(wanted.values())}", hint="build or pull them first"
        )
    return there


def _state(engine: Engine, image: str, cache: Path) -> State:
    """What an image holds; none is opened a second time."""
    state = seen.load(cache, image)
    if state is None:
        with engine.opened(image) as opened:
            state = archives.state(Root(opened.root))
        seen.save(cache, image, state)
    return state


def _notes(name: str, state: State) -> Iterator[str]:
    if not state.packages:
        yield f"{name} has no package of dpkg"
    elif not state.archives:
        yield f"{name} names no package archive that can be asked"
    yield from (f"{each}: it is not asked for updates" for each in state.unread)
