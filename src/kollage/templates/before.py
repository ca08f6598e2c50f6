"""What templates filled to before, kept between runs: the same templates and values give the same texts.

Everything that a text depends on is in its key: all templates of the tree, the operator's files, each value that
templates see, and the program itself.
"""

import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path

from kollage.catalogue import IMAGES, Catalogue, kolla
from kollage.image import Image
from kollage.kept import Kept, key_of, program, stamp, surroundings
from kollage.options import Options

Texts = Mapping[str, str]
Fill = Callable[[Image, Mapping[str, object]], str]
_ENDING = ".j2"
_SETS = 16  # of texts that are kept: a few bases, architectures and releases


def filled_before(
    catalogue: Catalogue, options: Options, shared: Mapping[str, object], fill: Callable[[], Texts]
) -> Texts:
    """The text of each image with a whole template; filled now where they were not with just these inputs."""
    kept = _kept(options, "filled")
    key = key_of([*_inputs(catalogue, options), _told(shared), _told(_whole(catalogue))])
    texts = _texts(kept.read(key))
    if texts is None:
        texts = fill()
        kept.write(key, json.dumps(texts).encode())
    return texts


class Before:
    """The same for images that are described: each has values of its own, so each text has a key of its own.

    Nothing is read before the first is filled: a tree of whole templates has none.
    """

    def __init__(self, catalogue: Catalogue, options: Options, fill: Fill) -> None:
        self._kept = _kept(options, "framed")
        self._inputs = partial(_inputs, catalogue, options)
        self._new: dict[str, str] = {}
        self._fill = fill

    @cached_property
    def _key(self) -> str:
        return key_of(self._inputs())

    @cached_property
    def _before(self) -> Texts:
        return _texts(self._kept.read(self._key)) or {}

    def fill(self, image: Image, values: Mapping[str, object]) -> str:
        """The text of an image, filled now where it was not with just these values. Raises what filling does."""
        key = f"{image.name} {key_of([_told(values)])}"
        if key in self._before:
            return self._before[key]
        self._new[key] = text = self._fill(image, values)
        return text

    def keep(self) -> None:
        """Keep what was filled for the next run, instead of what the same images gave before."""
        if self._new:
            filled = {key.partition(" ")[0] for key in self._new}
            others = {key: text for key, text in self._before.items() if key.partition(" ")[0] not in filled}
            self._kept.write(self._key, json.dumps({**others, **self._new}).encode())


def _kept(options: Options, kind: str) -> Kept:
    return Kept(folder=options.cache_dir / "templates" / kind, most=_SETS)


def _texts(kept: bytes | None) -> Texts | None:
    return None if kept is None else json.loads(kept)


def _told(value: object) -> bytes:
    return repr(value).encode()


def _whole(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(image.name, image.place) for image in catalogue.images.values() if image.whole]


def _inputs(catalogue: Catalogue, options: Options) -> Iterator[bytes]:
    yield surroundings(options.environ)
    for place, layered in catalogue.tree.items():
        if place.endswith(_ENDING):
            yield place.encode()
            yield _content(layered.path)
    facts = kolla.facts_file(catalogue.root, "repos.yaml")
    shared = sorted(IMAGES.glob(f"*{_ENDING}"))  # which hold for a tree that has none of its own
    for path in (*shared, *options.template_override, options.repos_yaml, facts):
        yield str(path).encode()
        yield _content(path) if path else b""
    yield from program("templates", "repositories")
    jinja = importlib.util.find_spec("jinja2")
    yield stamp(jinja.origin if jinja and jinja.origin else "")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # who needs it says so
