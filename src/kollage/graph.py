"""Which images take part and in what order: parents first, each exclusion with its reason."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kollage.catalogue import Catalogue
from kollage.errors import CatalogueError, UsageError
from kollage.facts import nearest
from kollage.image import Image
from kollage.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The chosen images with all their parents, in an order that depends on their names alone.

    `images` holds every parent before its children; `wanted` names those that were asked for; `excluded` says of
    each image that was asked for and cannot be built why not.
    """

    images: tuple[Image, ...]
    wanted: frozenset[str]
    excluded: Mapping[str, str]

    def parents(self) -> Mapping[str, str | None]:
        """The parent of each image."""
        return {image.name: image.parent for image in self.images}


def resolve(catalogue: Catalogue, options: Options) -> Graph:
    """The graph of what the options ask for.

    Raises `CatalogueError` for a parent that is not there and for a cycle, `UsageError` for an expression that
    matches nothing and when nothing of what it matches can be built.
    """
    ancestry = {name: _ancestry(catalogue.images, name) for name in catalogue.images}
    matched = _matched(catalogue.images, options.regex)
    reasons = {name: _reason(catalogue.images, ancestry[name], options) for name in matched}
    excluded = {name: reason for name, reason in reasons.items() if reason}
    wanted = [name for name in matched if name not in excluded]
    if not wanted:
        name, reason = next(iter(excluded.items()))
        raise UsageError(f"{name} cannot be built on {options.base}: {reason}", hint="choose another --base")
    return Graph(
        images=tuple(catalogue.images[name] for name in _parents_first(wanted, ancestry)),
        wanted=frozenset(wanted),
        excluded=MappingProxyType(excluded),
    )


def _ancestry(images: Mapping[str, Image], name: str) -> tuple[str, ...]:
    """An image and all it stands on, the image itself first."""
    line: list[str] = []
    at: str | None = name
    while at is not None:
        if at in line:
            circle = " -> ".join([*line[line.index(at) :], at])
            raise CatalogueError(f"the images stand on each other in a circle: {circle}", hint="change one parent")
        if at not in images:
            path = images[line[-1]].folder / "image.toml"
            raise CatalogueError(f"{path}: parent '{at}' is not in the catalogue", hint=nearest(at, images))
        line.append(at)
        at = images[at].parent
    return tuple(line)


def _matched(names: Iterable[str], expressions: tuple[str, ...]) -> list[str]:
    names = list(names)
    matched: set[str] = set()
    for expression in expressions or ("",):
        found = {name for name in names if re.search(expression, name)}
        if not found:
            raise UsageError(
                f"no image matches '{expression}'", hint=nearest(expression, names) or "see `kollage list`"
            )
        matched |= found
    return sorted(matched)


def _reason(images: Mapping[str, Image], ancestry: tuple[str, ...], options: Options) -> str:
    for name in ancestry:
        reason = images[name].unsupported_on(options.base, options.base_arch)
        if reason:
            return reason if name == ancestry[0] else f"its parent {name} is not supported: {reason}"
    return ""


def _parents_first(wanted: Iterable[str], ancestry: Mapping[str, tuple[str, ...]]) -> list[str]:
    order: dict[str, None] = {}
    for name in wanted:
        order.update(dict.fromkeys(reversed(ancestry[name])))
    return list(order)
