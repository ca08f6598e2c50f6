"""Images whose distribution packages their archives have in newer versions.

What was found by `kollage build --updates` is remembered, since it is part of the identity of an image from then on: a
later build without the flag must not go back to an image of older packages.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from kollage import engines, report
from kollage.engines import Local, ids_by_name
from kollage.fingerprint import tag
from kollage.graph import Graph
from kollage.options import Options
from kollage.output import warn
from kollage.render import Rendered, reference

Remembered = Mapping[str, tuple[str, ...]]  # by image: the updates that it was built anew for, as package=version


class Identify(Protocol):
    """Gives the fingerprints of images."""

    def __call__(self, *, rendered: Mapping[str, Rendered]) -> Mapping[str, str]:
        """The fingerprint of each image, by its name."""


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
    from kollage.updates import looking

    there = _as_planned(chosen, identities, local, options)
    looked = looking.look(chosen, there, engines.engine_for(options), options)
    for note in looked.notes:
        warn(note)
    anew = _applied(rendered, _together(before, looked.versions()))
    return anew, identify(rendered=anew)


def remembered(options: Options) -> Remembered:
    """What earlier builds with `--updates` found. A file that cannot be read is set aside, which is said."""
    path = _file(options)
    try:
        return _checked(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        aside = path.with_suffix(".unreadable")
        warn(f"{path} cannot be read and is set aside as {aside.name}: {error}")
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
        everything = {name: list(_newest(others.get(name, ()), wanted.get(name, ()))) for name in names}
        half = path.with_suffix(".half")
        half.write_text(report.json_text(everything), encoding="utf-8")
        half.replace(path)


def _as_planned(
    chosen: Graph, identities: Mapping[str, str], local: Sequence[Local], options: Options
) -> Mapping[str, str]:
    """The images of the store that would be reused, or that are to stay as they are: name -> id."""
    tags = {name.rpartition(":")[2]: image.id for image in local for name in image.names}
    names = ids_by_name(local)
    left = {image.name for image in chosen.images} - identities.keys()
    reused = {name: tags.get(tag(identity), "") for name, identity in identities.items()}
    there = reused | {name: names.get(reference(name, options), "") for name in left}
    return {name: image for name, image in there.items() if image}


def _applied(rendered: Mapping[str, Rendered], remembered: Remembered) -> Mapping[str, Rendered]:
    """The same images, with the updates that are part of their identity."""
    return {name: replace(image, updates=remembered.get(name, ())) for name, image in rendered.items()}


def _together(remembered: Remembered, found: Remembered) -> Remembered:
    """What is remembered with what was found: of each package the newest version."""
    names = {*remembered, *found}
    return MappingProxyType({name: _newest(remembered.get(name, ()), found.get(name, ())) for name in sorted(names)})


def _newest(before: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
    """Of each package the newest version, all as package=version."""
    from kollage import archives

    versions = dict(each.partition("=")[::2] for each in before)
    for package, _, version in (each.partition("=") for each in found):
        if package not in versions or archives.newer(version, versions[package]):
            versions[package] = version
    return tuple(f"{name}={version}" for name, version in sorted(versions.items()))


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
