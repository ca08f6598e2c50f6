"""Remove images that Kollage made: which of them go and under which names, and what came of it; and unused sources.

Only images with the label of a fingerprint are looked at. Whoever builds on one of them inherits its label, so
names decide as well: an image that has names is ours only if one of them is such as Kollage alone gives.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TextIO

from kollage import engines
from kollage.engines import Engine, Local
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.output import write
from kollage.process import CommandError
from kollage.report import is_terminal, json_text
from kollage.report.events import size
from kollage.report.sheet import Table, joined, written
from kollage.sources.store import NOTHING, Store, Unused, store_errors

LABEL = "kollage.fingerprint"
_VERSION = "kolla_version"
_IDENTITY = re.compile(r"fp-[0-9a-f]{32}")
_BOOTSTRAPPED = "kollage-bootstrap/"  # how the names of bases begin that were made from a package archive


class Outcome(StrEnum):
    """What became of an image, or would become of it."""

    REMOVED = "removed"
    UNTAGGED = "untagged"  # some of its names went, others stay
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One image and the names that go from it."""

    id: str
    names: tuple[str, ...]  # none: the image has no name any more
    size: int  # bytes, with its parents
    outcome: Outcome
    reason: str = ""  # why it was kept


def run(options: Options, stream: TextIO, engine: Engine | None = None) -> int:
    """Remove what the options choose, tell it to the stream, and return the exit code."""
    removals = removed(options, engine)
    sources = _sources(options)
    write(listing(removals, options, sources=sources, terminal=is_terminal(stream)), stream)
    return ExitCode.OK


def _sources(options: Options) -> Unused:
    """Remove the sources that the options choose, and say which they are; a dry run says it alone."""
    store = Store(options.cache_dir / "sources")
    with store_errors(store.root):
        unused = store.unused(options.unused_for) if options.unused_for else NOTHING
        if not options.dry_run:
            store.remove(unused)
    return unused


def removed(options: Options, engine: Engine | None = None) -> tuple[Removal, ...]:
    """Remove what the options choose and say what came of each image; a dry run says the same and removes nothing.

    What containers or other images stand on is kept with all its names, which is no error. Raises `UsageError` where
    nothing is chosen.
    """
    _require_a_choice(options)
    if not _chooses_images(options):
        return ()
    engine = engine or engines.engine_for(options)
    going = chosen(_made_by_us(engine, options), options)
    return going if options.dry_run else _all_removed(going, engine)


def chosen(images: Iterable[Local], options: Options) -> tuple[Removal, ...]:
    """Decide what goes: what meets every condition of the options, children before their parents.

    With a tag only the names with that tag go; an image that has no other name but the one of its identity goes
    itself.
    """
    _require_a_choice(options)
    removals = [removal for image in _merged(images) if (removal := _removal(image, options))]
    # an image is at least as large as what it stands on
    return tuple(sorted(removals, key=lambda each: (-each.size, each.names, each.id)))


def listing(removals: Sequence[Removal], options: Options, *, sources: Unused = NOTHING, terminal: bool = False) -> str:
    """Write what came of each image, and of sources, as text or JSON."""
    if options.format == "json":
        images = [asdict(each) for each in removals]
        archives = {"count": len(sources.contents), "bytes": sources.size}
        counts = _counts(removals)
        return json_text({"images": images, "counts": counts, "sources": archives, "dry_run": options.dry_run})
    words = _WOULD if options.dry_run else _DID
    totals = [(f"{count} {words[Outcome(word)]}", "") for word, count in _counts(removals).items() if count]
    if sources.contents:
        some = "source" if len(sources.contents) == 1 else "sources"
        totals.append((f"{len(sources.contents)} {some} {words[Outcome.REMOVED]}, {size(sources.size)}", ""))
    blocks = [joined(totals or [("nothing to remove", "")])]
    if removals and not options.quiet:
        cells = tuple((_shown(each), words[each.outcome], size(each.size), each.reason) for each in removals)
        return written([Table(("image", "result", "size", "reason"), cells), [], *blocks], terminal=terminal)
    return written(blocks, terminal=terminal)


_DID: Mapping[Outcome, str] = {outcome: outcome.value for outcome in Outcome}
_WOULD: Mapping[Outcome, str] = {Outcome.REMOVED: "to remove", Outcome.UNTAGGED: "to untag", Outcome.KEPT: "kept"}


def _chooses_images(options: Options) -> bool:
    return bool(options.all or options.dangling or options.of_version or options.of_tag)


def _require_a_choice(options: Options) -> None:
    if not (_chooses_images(options) or options.unused_for):
        raise UsageError(
            "nothing says which images to remove",
            hint="give --of-tag, --of-version, --dangling or --all; --unused-for for sources",
        )
    if options.dangling and options.of_tag:
        raise UsageError("an image without a name has no tag", hint="give either --dangling or --of-tag")


def _made_by_us(engine: Engine, options: Options) -> list[Local]:
    images = engine.images(label=LABEL)
    if not options.of_version:
        return list(images)
    wanted = {image.id for image in engine.images(label=f"{_VERSION}={options.of_version}")}
    return [image for image in images if image.id in wanted]


def _merged(images: Iterable[Local]) -> list[Local]:
    """Each image once, with all its names: some engines list an image once for each."""
    found: dict[str, Local] = {}
    for image in images:
        before = found.get(image.id, replace(image, references=()))
        names = dict.fromkeys((*before.references, *image.references))
        found[image.id] = replace(before, references=tuple(names))
    return list(found.values())


def _removal(image: Local, options: Options) -> Removal | None:
    names = image.references
    if names and not any(map(_is_our_own, names)):
        return None
    going = tuple(name for name in names if not options.of_tag or _tag(name) == options.of_tag)
    if (options.dangling and names) or (options.of_tag and not going):
        return None
    stays = any(name not in going and not _is_identity(name) for name in names)
    return Removal(
        id=image.id,
        names=going if stays else names,
        size=image.size,
        outcome=Outcome.UNTAGGED if stays else Outcome.REMOVED,
    )


def _is_our_own(name: str) -> bool:
    return _is_identity(name) or name.startswith(_BOOTSTRAPPED)


def _is_identity(name: str) -> bool:
    return _IDENTITY.fullmatch(_tag(name)) is not None


def _tag(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[2]


def _all_removed(going: Sequence[Removal], engine: Engine) -> tuple[Removal, ...]:
    """Remove, and try what was refused again for as long as anything else goes: it may have stood on it."""
    ended: dict[str, Removal] = {}
    waiting = list(going)
    while waiting:
        tried = _tried(waiting, engine)
        ended |= {each.id: each for each in tried}
        refused = [each for each in waiting if ended[each.id].outcome is Outcome.KEPT]
        waiting = refused if len(refused) < len(waiting) else []
    return tuple(ended[each.id] for each in going)


def _tried(waiting: Sequence[Removal], engine: Engine) -> list[Removal]:
    """Try to remove each image once; the store says afterwards which are gone."""
    complaints = {each.id: _complaint(each, engine) for each in waiting}
    there = {image.id: image.references for image in _merged(engine.images())}
    return [_settled(each, complaints[each.id], there.get(each.id), engine) for each in waiting]


def _complaint(removal: Removal, engine: Engine) -> str:
    try:
        engine.remove(removal.names or (removal.id,))
    except CommandError as error:
        lines = [line for each in error.tail if (line := each.strip(" \t*"))]  # some engines make a list of one
        return lines[-1] if lines else error.message
    return ""


def _settled(removal: Removal, complaint: str, names: tuple[str, ...] | None, engine: Engine) -> Removal:
    """Say what became of an image that has these names now; one that is kept gets back those that it lost."""
    untagged = removal.outcome is Outcome.UNTAGGED and not set(removal.names) & set(names or ())
    if names is None or untagged:
        return removal
    for name in removal.names:
        if name not in names:
            engine.tag(removal.id, name)
    return replace(removal, outcome=Outcome.KEPT, reason=complaint or "containers or other images stand on it")


def _counts(removals: Iterable[Removal]) -> dict[str, int]:
    counted = Counter(each.outcome for each in removals)
    return {outcome.value: counted[outcome] for outcome in Outcome}


def _shown(removal: Removal) -> str:
    """The names that people gave; the image's id where there are none."""
    given = [name for name in removal.names if not _is_identity(name)]
    return ", ".join(given or removal.names) or removal.id[:12]
