"""Everything that is decided before anything is done: images, sources, the base and the plan."""

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from kollage import bootstrap, engines, epochs, graph, history, releases, render, sources, updates
from kollage.bootstrap import Base
from kollage.catalogue import Catalogue, with_kolla_sources
from kollage.causes import Makings, explained, makings
from kollage.engines import Engine, Local, ids_by_name
from kollage.errors import EngineError, RegistryError, SourceError, UsageError
from kollage.facts import nearest
from kollage.fetches import with_fetches
from kollage.graph import Graph
from kollage.history import Before
from kollage.history.estimate import expected
from kollage.image import Image, Release, Source
from kollage.options import Options
from kollage.plan import Shared, identities, left_alone, make_plan, push_plan
from kollage.process import CommandError
from kollage.proofs import Known, proof_plan, single_plan, with_proofs
from kollage.releases.pins import pins
from kollage.render import Rendered
from kollage.sources import Pin
from kollage.sources.download import network_of
from kollage.sources.store import Store
from kollage.steps import Action, Plan, Step
from kollage.verify import verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that was decided before anything is done."""

    graph: Graph
    engine: Engine
    base: Base | None  # None where nothing is built
    named: Mapping[str, str]  # the names in the engine's store -> the image's id
    sizes: Mapping[str, int] = field(default_factory=dict)  # bytes of those images, by their names
    rendered: Mapping[str, Rendered]
    pins: Mapping[str, Mapping[str, tuple[Pin, ...]]]
    plan: Plan
    makings: Makings = field(default_factory=Makings)
    before: Mapping[str, Before] = field(default_factory=dict)  # how steps went the last times

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done: all is there, and called as it is to be called."""
        return all(map(self._is_there, self.plan.steps.values()))

    def _is_there(self, step: Step) -> bool:
        action = step.decision.action
        return action is Action.SKIP or (action is Action.REUSE and self.named.get(step.reference) == step.found)


def prepare(catalogue: Catalogue, options: Options, *, fetch: bool = False, engine: Engine | None = None) -> Prepared:
    """Resolve, render, pin and plan. The catalogue is one that `with_options` gave.

    With `fetch` the base image and sources without a checksum may be fetched, which settles their identity. Without
    an `engine` it is the one that the options name.
    """
    if any(image.whole for image in catalogue.images.values()) and not options.sources:
        catalogue = with_kolla_sources(catalogue, options)  # with sections they are there already
    chosen = graph.resolve(catalogue, options)
    release = _release(catalogue, options, chosen, keep=fetch)
    engine = engine or engines.builder_for(options)
    local = _with_grounds(chosen, options, engine) if fetch else engine.images()
    left = left_alone(chosen, options, local)
    taken = [image for image in chosen.images if image.name not in left]
    needed = any(image.parent is None and not render.is_foreign(image, options) for image in taken)
    base = _refreshed(pin_base(options, engine, local, epoch=release.epoch, pull=fetch and needed), release, options)
    rendered = render.rendered(taken, catalogue, options, base_image=base.reference, release=release)
    pin = _settler(options, _pinner(options, release)) if fetch else _pinner(options, release)
    pins = {name: _pins(image, pin) for name, image in rendered.items()}
    packed = {name: _identities(archives) for name, archives in pins.items()}
    identify = partial(identities, chosen, options, base=base, pins=packed)
    rendered, wanted = updates.settled(rendered, identify, chosen, local, options)
    named = ids_by_name(local)
    shared = _published(chosen, wanted, local, options)
    decide = partial(make_plan, chosen, options, base=base, rendered=rendered, pins=packed, local=local, shared=shared)
    make = partial(makings, base=base, rendered=rendered, pins=packed, options=options)
    plan, made, before = _planned(catalogue, options, named, decide, make)
    return Prepared(
        graph=chosen,
        engine=engine,
        base=base,
        named=named,
        sizes={name: image.size for image in local for name in image.names},
        rendered=rendered,
        pins=pins,
        plan=_with_fetches(plan, pins, options),
        makings=made,
        before=before,
    )


def _published(
    chosen: Graph, wanted: Mapping[str, str], local: Sequence[Local], options: Options
) -> Mapping[str, Shared]:
    """What a registry has of the images, if one is named."""
    if not options.registry:
        return {}
    from kollage import shared
    from kollage.registry import client_of

    return shared.found(client_of(options), chosen, wanted, local, options)


def _planned(
    catalogue: Catalogue,
    options: Options,
    named: Mapping[str, str],
    decide: Callable[..., Plan],
    make: Callable[[Plan], Makings],
) -> tuple[Plan, Makings, Mapping[str, Before]]:
    """The plan with what earlier runs tell: how long steps will take, and which inputs changed."""
    with history.opened(options.cache_dir) as known:
        before = known.before(history.target(options))
        plan = decide(seconds=partial(_expected, catalogue, options, before))
        made = make(plan)
        plan = explained(plan, known, made, named)
    if options.verify:
        plan = with_proofs(plan, _known(catalogue, options, named))
    return plan, made, before


def _with_fetches(plan: Plan, pins: Mapping[str, Mapping[str, tuple[Pin, ...]]], options: Options) -> Plan:
    """The plan with steps that fetch ahead; on many hosts sources are fetched where an image is built."""
    store = Store(options.cache_dir / "sources")
    return plan if options.scheduler else with_fetches(plan, pins, partial(sources.is_here, store=store))


def _expected(catalogue: Catalogue, options: Options, before: Mapping[str, Before], name: str) -> float:
    """The seconds that it is expected to take to make an image of the catalogue, or a base."""
    image = catalogue.images.get(name)
    return expected(f"build:{name}" if image else f"bootstrap:{name}", before, image, options.base)


def prepare_push(catalogue: Catalogue, options: Options) -> Prepared:
    """Plan the pushes of what is in the engine's store, and nothing else."""
    chosen = graph.resolve(catalogue, options)
    engine = engines.engine_for(options)
    local = engine.images()
    named = ids_by_name(local)
    plan = push_plan(chosen, options, local)
    return Prepared(graph=chosen, engine=engine, base=None, named=named, rendered={}, pins={}, plan=plan)


def prepare_proof(catalogue: Catalogue, options: Options) -> Prepared:
    """Plan the verification of what is in the engine's store, or of one image by its name, and nothing else."""
    engine = engines.engine_for(options)
    named = ids_by_name(engine.images())
    known = _known(catalogue, options, named)
    if options.image_reference:
        plan = _single(known)
        chosen = Graph(images=(), wanted=frozenset(), excluded={})
    else:
        chosen = graph.resolve(catalogue, options)
        plan = proof_plan(chosen, known)
    return Prepared(graph=chosen, engine=engine, base=None, named=named, rendered={}, pins={}, plan=plan)


def _known(catalogue: Catalogue, options: Options, named: Mapping[str, str]) -> Known:
    folder = verdicts.folder(options.cache_dir)

    def passed(image: Image, identity: str) -> bool:
        return not (options.force or options.no_reuse) and verdicts.passed(
            folder, verdicts.key(image, identity, options.debian_arch)
        )

    return Known(catalogue=catalogue, options=options, names=named, passed=passed)


def _single(known: Known) -> Plan:
    """The plan for the one image that `--image` and `--as` name."""
    name, whole, images = known.options.as_image, known.options.image_reference, known.catalogue.images
    if name not in images:
        raise UsageError(
            f"there is no image '{name}' to verify it as" if name else "nothing says which image it is",
            hint=nearest(name, images) or "name it with --as, as `kollage list` has it",
        )
    there = next((each for each in known.names if bootstrap.same_name(whole, (each,))), "")
    if not there:
        raise UsageError(f"{whole} is not in the engine's store", hint="pull it first")
    return single_plan(name, there, known)


def pin_base(options: Options, engine: Engine, local: Sequence[Local], *, epoch: int, pull: bool) -> Base:
    """What the images without a parent stand on.

    An image that was named, or a base whose family cannot be bootstrapped, comes from the store or its registry, and
    nothing else takes its place; otherwise the package archive is the source.
    """
    name = bootstrap.registry_reference(options)
    if bootstrap.is_made(options):
        return bootstrap.base(options, epoch=epoch, reason="made from the package archive")
    bootstrap.refuse_snapshot(options)
    found = next((image.id for image in local if bootstrap.same_name(name, image.references)), "")
    if found:
        newest = _newest(name, options) if pull and options.pull else ""
        return Base(reference=name, identity=newest or found, reason="fetched anew" if newest else "in the store")
    if not pull:
        return Base(reference=name, identity=name, reason="not fetched yet")
    try:
        return Base(reference=name, identity=_pulled(engine, name), reason="fetched")
    except CommandError as error:
        raise EngineError(
            f"the base image {name} cannot be fetched: {error.tail[-1] if error.tail else error.message}",
            hint="name one that the engine can reach with --base-image"
            + (", or use --base-source bootstrap" if bootstrap.possible(options) else ""),
        ) from error


def _with_grounds(chosen: Graph, options: Options, engine: Engine) -> tuple[Local, ...]:
    """What is in the store, with the images that stay as they are and are built on: ids settle identities.

    Where one cannot be fetched now, the step that needs it tries again, and tells what is wrong.
    """
    local = engine.images()
    left = {} if options.scheduler else left_alone(chosen, options, local)
    grounds = {image.parent for image in chosen.images if image.name not in left}
    missing = [step.reference for name, step in left.items() if name in grounds and not step.found]
    with suppress(CommandError):
        for reference in missing:
            _pulled(_impatient(options), reference)
    return engine.images() if missing else local


def _refreshed(base: Base, release: Release, options: Options) -> Base:
    """The base as another one after a refresh: what is installed on it is to be had anew, even where it is the same."""
    epoch = epochs.refreshed(options)
    if base.bootstrap or not epoch or epoch < release.epoch:  # a bootstrapped one has the epoch in its recipe
        return base
    return dataclasses.replace(base, identity=f"{base.identity} at {epoch}")


def _newest(name: str, options: Options) -> str:
    """The image that a registry has under a name now; "" where it does not answer: it is asked once, not waited for."""
    try:
        return _pulled(_impatient(options), name)
    except CommandError:
        return ""


def _impatient(options: Options) -> Engine:
    """An engine that asks once: for what can be had later, or not at all."""
    return engines.engine_for(dataclasses.replace(options, retries=0))


def _pulled(engine: Engine, name: str) -> str:
    from kollage.registry import is_plain, parse

    plain = False
    with suppress(RegistryError, UsageError):  # of one that does not answer the engine itself tells
        plain = is_plain(parse(name).host)
    return engine.pull(name, _ignore, plain=plain)


def _release(catalogue: Catalogue, options: Options, chosen: Graph, *, keep: bool) -> Release:
    """The release of the chosen images; those with a whole Dockerfile bring what they need of one themselves."""
    if all(image.whole for image in chosen.images):
        return Release(
            name=options.release,
            codename="",
            epoch=epochs.refreshed(options, keep=keep),
            projects={},
            constraints=Path(os.devnull),
        )
    release = releases.load_release(options.release, releases.folder_of(catalogue.root))
    return dataclasses.replace(release, epoch=epochs.current(release.epoch, options, keep=keep))


def _pinner(options: Options, release: Release) -> Callable[[Source], Pin]:
    """A function that pins a source; what comes from the package index must have a digest that the lock names."""
    network = network_of(options.network, options.ca_bundle)
    store = Store(options.cache_dir / "sources")

    def pin(source: Source) -> Pin:
        accepted: tuple[str, ...] = ()
        if source.type == "pypi" and not source.version:
            locks = map(_locked, release.locks_of(source.constraints))
            accepted = next((found[source.location] for found in locks if source.location in found), ())
        return sources.pin(
            source,
            release=release,
            locals_base=options.locals_base,
            arch=options.base_arch,
            store=store,
            network=network,
            accepted=accepted,
            variables={
                "tarballs_base": options.tarballs_base,
                "openstack_branch": options.openstack_branch,
                "openstack_branch_slashed": options.openstack_branch_slashed,
                "openstack_release": options.release,
                "base": options.base,
                "base_arch": options.base_arch,
            },
        )

    return pin


def _settler(options: Options, pin: Callable[[Source], Pin]) -> Callable[[Source], Pin]:
    """A pinner that fetches what is known by its address alone, so that the pin says what is there.

    What cannot be fetched keeps its address: the step that needs it tries again, and tells what is wrong.
    """
    network = dataclasses.replace(network_of(options.network, options.ca_bundle), pauses=())
    store = Store(options.cache_dir / "sources")
    forgotten: set[str] = set()

    def settle(source: Source) -> Pin:
        pinned = pin(source)
        if pinned.type != "url" or source.sha256:
            return pinned
        if options.force and pinned.key not in forgotten:
            forgotten.add(pinned.key)
            sources.forget(pinned, store)
            pinned = pin(source)
        if not pinned.sha256:
            with suppress(SourceError):
                sources.fetch(pinned, store, network)
        return pin(source)

    return settle


@cache
def _locked(constraints: Path) -> Mapping[str, tuple[str, ...]]:
    return {pin.name: pin.hashes for pin in pins(constraints.read_text(encoding="utf-8"))}


def _pins(rendered: Rendered, pin: Callable[[Source], Pin]) -> Mapping[str, tuple[Pin, ...]]:
    """What is packed into each archive of the build context."""
    return {
        **{f"{source.name}-archive": (pin(source),) for source in rendered.sources},
        "plugins-archive": tuple(map(pin, rendered.plugins)),
        "additions-archive": tuple(map(pin, rendered.additions)),
    }


def _identities(archives: Mapping[str, tuple[Pin, ...]]) -> tuple[str, ...]:
    return tuple(f"{name}: {pin.identity}" for name, pins in sorted(archives.items()) for pin in pins)


def _ignore(_line: str) -> None:
    """Drop a line."""
