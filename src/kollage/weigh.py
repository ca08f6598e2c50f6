"""Images weighed: where the bytes of those in the engine's store are, and what is different between two of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TextIO

from kollage import engines, graph, report
from kollage.bootstrap import same_name
from kollage.catalogue import Catalogue
from kollage.engines import Engine, Local
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.output import write
from kollage.render import reference
from kollage.report import weights
from kollage.report.weights import Weighed
from kollage.size import Inventory, changes, inventory, tree

Known = Mapping[str, Local]  # what the store has, by each of its names


def run(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Weigh what the options choose, tell it to the stream, and return the exit code."""
    engine = engines.engine_for(options)
    known = {name: image for image in engine.images() for name in image.names}
    tell = _compared if options.compare else _weighed
    write(tell(catalogue, options, engine, known, terminal=report.is_terminal(stream)), stream)
    return ExitCode.OK


def _weighed(catalogue: Catalogue, options: Options, engine: Engine, known: Known, *, terminal: bool) -> str:
    there = dict(_chosen(catalogue, options, known))
    if not there:
        raise UsageError("none of these images is in the store", hint="build or pull them first")
    details = options.details or len(there) == 1
    images = [_look(name, whole, catalogue, options, engine, known, details=details) for name, whole in there.items()]
    if options.format == "json":
        return report.json_text(weights.sizes_json(images))
    return weights.sizes_text(images, terminal=terminal)


def _compared(catalogue: Catalogue, options: Options, engine: Engine, known: Known, *, terminal: bool) -> str:
    if len(options.regex) != 1:
        raise UsageError("one image is compared with one other", hint="kollage size --compare OTHER IMAGE")
    names = [_name_of(word, catalogue, options, known) for word in (options.compare, options.regex[0])]
    before, after = (_inventory(engine, name) for name in names)
    found = changes(before, after)
    if options.format == "json":
        return report.json_text(weights.changes_json(names, before, after, found))
    return weights.changes_text(names, before, after, found, terminal=terminal)


def _chosen(catalogue: Catalogue, options: Options, known: Known) -> Iterator[tuple[str, str]]:
    """What to call each chosen image, and its name in the store: those named in full, and those of the catalogue."""
    full = {word: whole for word in options.regex if (whole := _full(word, known))}
    yield from full.items()
    rest = tuple(word for word in options.regex if word not in full)
    if rest or not options.regex:
        taken = graph.resolve(catalogue, replace(options, regex=rest))
        wanted = ((image.name, _full(reference(image.name, options), known)) for image in taken.images)
        yield from ((name, whole) for name, whole in wanted if whole and name in taken.wanted)


def _name_of(word: str, catalogue: Catalogue, options: Options, known: Known) -> str:
    """The store's name of an image that is named in full, or as the catalogue has it. Raises `UsageError`."""
    wanted = reference(word, options) if word in catalogue.images else word
    found = _full(wanted, known)
    if not found:
        raise UsageError(
            f"{wanted} is not in the engine's store", hint="name an image of the catalogue, or one with its tag"
        )
    return found


def _full(name: str, known: Known) -> str:
    """The name that the store has for one; "" where it has none."""
    return name if name in known else next((each for each in known if same_name(name, (each,))), "")


def _look(
    name: str, whole: str, catalogue: Catalogue, options: Options, engine: Engine, known: Known, *, details: bool
) -> Weighed:
    image = catalogue.images.get(name)
    parent = known.get(_full(reference(image.parent, options), known)) if image and image.parent else None
    weighed = Weighed(
        name=name,
        reference=whole,
        size=known[whole].size,
        own=known[whole].size - parent.size if parent else None,
        parent=image.parent or "" if image else "",
    )
    with engine.opened(whole) as opened:
        found = tree(opened.root)
        return replace(
            weighed, files=len(found.names), inside=found.size, inventory=inventory(found) if details else None
        )


def _inventory(engine: Engine, name: str) -> Inventory:
    with engine.opened(name) as opened:
        return inventory(tree(opened.root))
