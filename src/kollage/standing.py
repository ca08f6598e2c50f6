"""A run that had nothing to do, and holds for the next one while nothing that it went by has changed.

That nothing is to be done follows from files and settings alone, by a long way: the catalogue is read, templates are
filled, fingerprints taken. Where those files and settings are as they were, so are the images that are wanted, and only
the store is asked whether it has them still. What else could decide is left to the long way: registries, sources that
move, files of the operator's beside the catalogue.
"""

import importlib.util
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kollage.engines import Local, ids_by_name
from kollage.kept import Kept, key_of, stamp, states_below, surroundings
from kollage.options import Options
from kollage.steps import Action, Plan

if TYPE_CHECKING:
    from kollage.image import Source
    from kollage.prepare import Prepared

_MOST = 16  # that are kept
_OWN = Path(__file__).parent
_FIXED = {"pypi", "release"}  # types of sources that a release's lock says all of
_BESIDE = ("template/repos.yaml", "kolla/template/repos.yaml")  # a tree of images: package repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A plan of images that are all there, called as they are to be called, and what was not taken."""

    plan: Plan
    excluded: Mapping[str, str]
    unbuildable: Mapping[str, str]
    others: tuple[str, ...]

    def holds(self, local: Sequence[Local]) -> bool:
        """Whether a store has all of it."""
        named = ids_by_name(local)
        return all(named.get(step.reference) == step.found for step in self.plan.steps.values())


def question(options: Options) -> str:
    """The key of all that decides, as it is now; "" where that goes the long way.

    It is taken before anything is read: what changes meanwhile has another key the next time.
    """
    return key_of(_inputs(options)) if _is_plain(options) else ""


def found(options: Options, question: str) -> Idle | None:
    """What a run like this one found the last time, if everything that it went by is as it was then."""
    before = _kept(options).read(question) if question else None
    # of the user's own making, which the folder's mode and the checksum saw to
    value = pickle.loads(before) if before is not None else None  # noqa: S301
    return value if isinstance(value, Idle) else None


def keep(options: Options, question: str, prepared: "Prepared") -> None:
    """Keep that nothing was to be done, where files and settings alone decide that."""
    if question and _stands(prepared):
        graph = prepared.graph
        idle = Idle(
            plan=Plan(steps=dict(prepared.plan.steps)),
            excluded=dict(graph.excluded),
            unbuildable=dict(graph.unbuildable),
            others=graph.others,
        )
        _kept(options).write(question, pickle.dumps(idle, protocol=pickle.HIGHEST_PROTOCOL))


def _kept(options: Options) -> Kept:
    return Kept(folder=options.cache_dir / "standing", most=_MOST)


def _is_plain(options: Options) -> bool:
    """Whether the options name nothing that could decide otherwise the next time."""
    others = (options.registry, options.scheduler, options.sources, options.template_override, options.patches_path)
    files = (options.repos_yaml, options.apt_sources_list, options.apt_preferences, options.rpm_setup_config)
    more = (options.force, options.no_reuse, options.refresh, options.updates, options.verify, options.push)
    left = (options.skip_existing, options.skip_parents, options.base_image, "," in options.platform)
    return not any((*others, *files, *more, *left))


def _stands(prepared: "Prepared") -> bool:
    images, base = prepared.graph.images, prepared.base
    reused = all(step.decision.action is Action.REUSE for step in prepared.plan.steps.values())
    kinds = ((image.sources, image.plugin_sources, image.addition_sources) for image in images)
    sources = (source for kind in kinds for some in kind for source in some)
    made = base is not None and base.bootstrap is not None
    return reused and made and not any(image.whole for image in images) and all(map(_is_fixed, sources))


def _is_fixed(source: "Source") -> bool:
    pinned = source.type == "url" and bool(source.sha256) and not source.location.startswith("file:")
    return source.type in _FIXED or pinned


def _inputs(options: Options) -> Iterator[bytes]:
    """Everything that decides which images are wanted: the program with its catalogue, the settings, what runs kept."""
    yield sys.version.encode()
    yield os.fsencode(os.getcwd())  # noqa: PTH109 - no more than its name
    yield repr(options).encode(errors="surrogateescape")
    yield surroundings(options.environ)
    jinja = importlib.util.find_spec("jinja2")
    yield stamp(jinja.origin if jinja and jinja.origin else "")
    own = [options.images_dir] if options.images_dir else []
    for root in own:
        yield from map(stamp, (root.parent / name for name in _BESIDE))
    kept = (options.cache_dir / "epochs", options.cache_dir / "updates")
    yield from states_below((_OWN, *own, *options.docker_dir, *kept))
