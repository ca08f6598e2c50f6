"""Images whose distribution packages their archives have in newer versions.

What was found by `kollage build --updates` is remembered, since it is part of the identity of an image from then on: a
later build without the flag must not go back to an image of older packages.
"""

import fcntl
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TextIO

from kollage import archives, engines, graph, report
from kollage.archives import State, Update, seen
from kollage.catalogue import Catalogue
from kollage.engines import Engine, Local
from kollage.errors import ExitCode, UsageError
from kollage.fingerprint import tag
from kollage.graph import Graph
from kollage.image import FAMILIES
from kollage.options import Options
from kollage.render import Rendered, reference
from kollage.report.archives import updates_json, updates_text
from kollage.report.sheet import write
from kollage.rootfs import Root
from kollage.sources.download import network_of

Remembered = Mapping[str, tuple[str, ...]]  # by image: the updates that it was built anew for, as package=version


class Identify(Protocol):
    """Gives the fingerprints of images."""

    def __call__(self, *, rendered: Mapping[str, Rendered]) -> Mapping[str, str]:
        """The fingerprint of each image, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found: the updates of each image that has any, and what could not be told, as sentences."""

    updates: Mapping[str, tuple[Update, ...]]
    notes: tuple[str, ...] = ()


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


def settled(
    rendered: Mapping[str, Rendered], identify: Identify, chosen: Graph, local: Sequence[Local], options: Options
) -> tuple[Mapping[str, Rendered], Mapping[str, str]]:
    """The same images, each with the updates that are part of its identity: those that are remembered.

    With `--updates` also those that are found now in what the store has of these images; what it has not is built
    from the newest packages anyway. The second value are their fingerprints, as `identify` gives them.
    """
    before = remembered(options)
    known = _applied(rendered, before)
    identities = identify(rendered=known)
    if not options.updates:
        return known, identities
    there = _as_planned(chosen, identities, local, options)
    looked = look(chosen, there, engines.engine_for(options), options)
    for note in looked.notes:
        sys.stderr.write(f"warning: {note}\n")
    anew = _applied(rendered, _together(before, looked.updates))
    return anew, identify(rendered=anew)


def remembered(options: Options) -> Remembered:
    """What earlier builds with `--updates` found. A file that cannot be read is set aside, which is said."""
    path = _file(options)
    try:
        return _checked(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        aside = path.with_suffix(".unreadable")
        sys.stderr.write(f"warning: {path} cannot be read and is set aside as {aside.name}: {error}\n")
        path.replace(aside)
        return {}


def keep(options: Options, rendered: Mapping[str, Rendered]) -> None:
    """Remember for later builds what images are built anew for; what another run found meanwhile stays."""
    wanted = {name: image.updates for name, image in rendered.items() if image.updates}
    path = _file(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock")):
        others = remembered(options)
        names = sorted({*others, *wanted})
        everything = {name: list(_newest(others.get(name, ()), _parsed(wanted.get(name, ())))) for name in names}
        half = path.with_suffix(".half")
        half.write_text(report.json_text(everything), encoding="utf-8")
        half.replace(path)


def _as_planned(
    chosen: Graph, identities: Mapping[str, str], local: Sequence[Local], options: Options
) -> Mapping[str, str]:
    """The images of the store that would be reused, or that are to stay as they are: name -> id."""
    tags = {name.rpartition(":")[2]: image.id for image in local for name in image.references}
    names = {name: image.id for image in local for name in image.references}
    left = {image.name for image in chosen.images} - identities.keys()
    reused = {name: tags.get(tag(identity), "") for name, identity in identities.items()}
    there = reused | {name: names.get(reference(name, options), "") for name in left}
    return {name: image for name, image in there.items() if image}


def _applied(rendered: Mapping[str, Rendered], remembered: Remembered) -> Mapping[str, Rendered]:
    """The same images, with the updates that are part of their identity."""
    return {name: replace(image, updates=remembered.get(name, ())) for name, image in rendered.items()}


def _together(remembered: Remembered, found: Mapping[str, Sequence[Update]]) -> Remembered:
    """What is remembered with what was found: of each package the newest version."""
    names = {*remembered, *found}
    return MappingProxyType({name: _newest(remembered.get(name, ()), found.get(name, ())) for name in sorted(names)})


def _in_store(chosen: Graph, engine: Engine, options: Options) -> Mapping[str, str]:
    """The chosen images that the store has under their names, by name, and their ids."""
    names = {name: image.id for image in engine.images() for name in image.references}
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


def _newest(before: Iterable[str], found: Iterable[Update]) -> tuple[str, ...]:
    """Of each package the newest version, as package=version."""
    versions = dict(each.partition("=")[::2] for each in before)
    for update in found:
        if update.package not in versions or archives.newer(update.candidate, versions[update.package]):
            versions[update.package] = update.candidate
    return tuple(f"{name}={version}" for name, version in sorted(versions.items()))


def _parsed(texts: Iterable[str]) -> Iterator[Update]:
    for text in texts:
        name, _, version = text.partition("=")
        yield Update(package=name, installed="", candidate=version, suite="")


def _file(options: Options) -> Path:
    name = "-".join((options.release, options.base, options.base_tag, options.base_arch))
    return options.cache_dir / "updates" / f"{name}.json"


def _checked(value: object) -> Remembered:
    found: dict[str, tuple[str, ...]] = {}
    for name, texts in value.items() if isinstance(value, dict) else [("", None)]:
        if not isinstance(texts, list) or not all(isinstance(each, str) and "=" in each for each in texts):
            raise ValueError(f"'{name}' is no list of package=version")
        found[str(name)] = tuple(texts)
    return found


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time change the file beside it."""
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
