"""Which images take part and in what order: parents first, each exclusion with its reason."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kollage.catalogue import Catalogue
from kollage.errors import CatalogueError, UsageError
from kollage.facts import nearest
from kollage.image import BASES, SUITES, Image
from kollage.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The chosen images with all their parents, in an order that depends on their names alone.

    `images` holds every parent before its children; `wanted` names those that were asked for; `excluded` says of
    each image that was asked for and cannot be built why not, `unbuildable` of each in the catalogue. `skipped` are
    those of `images` that are to stay as they are, with the reason.
    """

    images: tuple[Image, ...]
    wanted: frozenset[str]
    excluded: Mapping[str, str]
    unbuildable: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()  # what could be built and was not asked for

    def parents(self) -> Mapping[str, str | None]:
        """The parent of each image."""
        return {image.name: image.parent for image in self.images}

    def taken(self) -> tuple[Image, ...]:
        """The images without those that stay as they are."""
        return tuple(image for image in self.images if image.name not in self.skipped)


def resolve(catalogue: Catalogue, options: Options) -> Graph:
    """The graph of what the options ask for.

    Raises `CatalogueError` for a parent that is not there and for a cycle, `UsageError` for an expression that
    matches nothing, for an unknown profile, and when nothing of what was asked for can be built.
    """
    ancestry = {name: _ancestry(catalogue.images, name) for name in catalogue.images}
    unbuildable = _unbuildable(catalogue.images, ancestry, options)
    matched = _matched(catalogue.images, options)
    excluded = {name: unbuildable[name] for name in matched if name in unbuildable}
    wanted = [name for name in matched if name not in excluded]
    if not wanted:
        raise _nothing(*next(iter(excluded.items())), catalogue.images, ancestry, options)
    chosen = _parents_first(wanted, ancestry)
    return Graph(
        images=tuple(catalogue.images[name] for name in chosen),
        wanted=frozenset(wanted),
        excluded=MappingProxyType(excluded),
        unbuildable=MappingProxyType(unbuildable),
        skipped=MappingProxyType(_skipped(chosen, catalogue.images) if options.skip_parents else {}),
        others=tuple(sorted(set(catalogue.images) - set(chosen) - set(unbuildable))),
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


def _of_profiles(options: Options) -> tuple[str, ...]:
    """The expressions of the profiles that were asked for."""
    for name in options.profile:
        if not options.profiles.get(name):
            known = [each for each in options.profiles if options.profiles[each]]
            raise UsageError(
                f"there is no profile '{name}'", hint=nearest(name, known) or f"one of {', '.join(sorted(known))}"
            )
    return tuple(expression for name in options.profile for expression in options.profiles[name])


def _matched(names: Iterable[str], options: Options) -> list[str]:
    """The names that were asked for: by expressions, each of which has to find something, else by profiles."""
    names = list(names)
    expressions = options.regex or _of_profiles(options) or ("",)
    found = {expression: [name for name in names if re.search(expression, name)] for expression in expressions}
    for expression in options.regex:
        if not found[expression]:
            raise UsageError(
                f"no image matches '{expression}'", hint=nearest(expression, names) or "see `kollage list`"
            )
    matched = {name for some in found.values() for name in some}
    if not matched:
        raise UsageError(f"no image is in {', '.join(options.profile)}", hint="see `kollage list`")
    return sorted(matched)


def _unbuildable(
    images: Mapping[str, Image], ancestry: Mapping[str, tuple[str, ...]], options: Options
) -> dict[str, str]:
    """The reason of every image that cannot be built on the chosen base and architecture."""
    if options.enable_unbuildable:
        return {}
    reasons = {name: _reason(images, ancestry[name], options) for name in sorted(images)}
    return {name: reason for name, reason in reasons.items() if reason}


def _nothing(
    name: str, reason: str, images: Mapping[str, Image], ancestry: Mapping[str, tuple[str, ...]], options: Options
) -> UsageError:
    """The error that nothing of what was asked for can be built, with the nearest that can."""
    if absent := images[name].absent:
        return UsageError(f"{name} cannot be built: {reason}", hint=absent.instead)
    return UsageError(
        f"{name} cannot be built on {options.base}: {reason}",
        hint=f"{_elsewhere(images, ancestry[name], options)}, or try it with --enable-unbuildable",
    )


def _elsewhere(images: Mapping[str, Image], ancestry: tuple[str, ...], options: Options) -> str:
    """The nearest place where an image and all it stands on can be built: another suite, else another base."""
    suites = [replace(options, base_tag=suite) for suite in reversed(SUITES)] if options.base_tag in SUITES else []
    bases = [replace(options, base=base, base_tag="") for base in BASES if base != options.base]
    works = next((each for each in (*suites, *bases) if not _reason(images, ancestry, each)), None)
    if works is None:
        return "choose another --base"
    return f"say --base {works.base}" if works in bases else f"choose a --release that stands on {works.base_tag}"


def _reason(images: Mapping[str, Image], ancestry: tuple[str, ...], options: Options) -> str:
    for name in ancestry:
        reason = images[name].unsupported_on(options.base, options.base_arch, options.base_tag)
        if reason:
            return reason if name == ancestry[0] else f"its parent {name} is not supported: {reason}"
    return ""


def _skipped(chosen: Iterable[str], images: Mapping[str, Image]) -> dict[str, str]:
    """Those that other images of the catalogue stand on."""
    parents = {image.parent for image in images.values()}
    return {name: "--skip-parents" for name in chosen if name in parents}


def _parents_first(wanted: Iterable[str], ancestry: Mapping[str, tuple[str, ...]]) -> list[str]:
    order: dict[str, None] = {}
    for name in wanted:
        order.update(dict.fromkeys(reversed(ancestry[name])))
    return list(order)
