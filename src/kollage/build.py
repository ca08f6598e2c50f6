"""From options to results: the stages of `kollage build`, in the order in which they run."""

import dataclasses
import errno
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TextIO

from kollage import act, bootstrap, engines, execute, graph, releases, render, report, sealed, sources, tools, workspace
from kollage.bootstrap import Base
from kollage.catalogue import Catalogue
from kollage.engines import Engine, Local
from kollage.errors import EngineError, SourceError, UsageError
from kollage.graph import Graph
from kollage.image import Release, Source
from kollage.options import Options
from kollage.options.verbs import repeated
from kollage.plan import Action, Plan, Step, make_plan
from kollage.process import CommandError
from kollage.releases import lock
from kollage.render import Rendered
from kollage.report.events import Listener
from kollage.results import Result
from kollage.sources import Pin
from kollage.sources.download import network_of
from kollage.sources.store import Store

_LEAST_FREE = 2 * 10**9  # bytes that the engine's store must have free before anything is begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that was decided before anything is done."""

    release: Release
    graph: Graph
    engine: Engine
    base: Base
    named: Mapping[str, str]  # the names in the engine's store -> the image's id
    rendered: Mapping[str, Rendered]
    pins: Mapping[str, Mapping[str, tuple[Pin, ...]]]
    plan: Plan


def prepare(catalogue: Catalogue, options: Options, *, fetch: bool = False) -> Prepared:
    """Resolve, render, pin and plan.

    With `fetch` the base image and sources without a checksum may be fetched, which settles their identity.
    """
    release = _release(catalogue, options)
    chosen = graph.resolve(catalogue, options)
    engine = engines.engine_for(options)
    local = engine.images()
    base = pin_base(options, engine, local, epoch=release.epoch, pull=fetch)
    rendered = _render_all(catalogue, options, chosen, base.reference, release)
    pin = _pinner(options, release)
    if fetch:
        pin = _settler(options, pin)
    pins = {name: _pins(image, pin) for name, image in rendered.items()}
    plan = make_plan(
        chosen,
        options,
        base=base,
        rendered=rendered,
        pins={name: _identities(archives) for name, archives in pins.items()},
        local=local,
    )
    named = {name: image.id for image in local for name in image.references}
    return Prepared(
        release=release,
        graph=chosen,
        engine=engine,
        base=base,
        named=named,
        rendered=rendered,
        pins=pins,
        plan=plan,
    )


def dockerfile(catalogue: Catalogue, options: Options, name: str) -> str:
    """The rendered Dockerfile of one image."""
    release = _release(catalogue, options)
    stands_on = bootstrap.expected(options, epoch=release.epoch)
    make = render.renderer(catalogue, options, base_image=stands_on, constraints=release.constraints)
    return make(catalogue.images[name]).dockerfile


def build(catalogue: Catalogue, options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Do everything, tell it to the stream, and return the exit code."""
    began = time.monotonic()
    _require_folders(options)
    prepared = prepare(catalogue, options, fetch=True)
    _require_space(prepared)
    parents = {rendered.parent for rendered in prepared.rendered.values()}
    with (
        workspace.opened(options, prepared.engine, parents) as folders,
        report.listener(options, total=len(prepared.plan.steps), stream=stream) as listener,
    ):
        shop = _workshop(prepared, options, argv, listener=listener, folders=folders)
        results = _results(prepared.plan, act.runner(shop), options.threads, listener)
    for name, reason in prepared.graph.excluded.items():
        sys.stderr.write(f"{name} is left out: {reason}\n")
    sized = _with_sizes(results, prepared.engine)
    return report.conclude(sized, options, stream=stream, elapsed=time.monotonic() - began)


def pin_base(options: Options, engine: Engine, local: Sequence[Local], *, epoch: int, pull: bool) -> Base:
    """What the images without a parent stand on.

    An image that was named, or a base whose family cannot be bootstrapped, comes from the store or its registry;
    otherwise, and with `auto` where the registry does not answer, the package archive is the source.
    """
    name = bootstrap.registry_reference(options)
    if options.base_source == "bootstrap" or (options.base_source == "auto" and bootstrap.preferred(options)):
        return bootstrap.base(options, epoch=epoch, reason="made from the package archive")
    found = next((image.id for image in local if bootstrap.same_name(name, image.references)), "")
    if found:
        return Base(reference=name, identity=found, reason="in the store")
    makeable = bootstrap.possible(options)
    instead = None
    if options.base_source == "auto" and makeable:
        instead = bootstrap.base(options, epoch=epoch, reason=f"{name} cannot be fetched")
    if not pull:
        made_before = instead and any(instead.reference in image.references for image in local)
        return instead if instead and made_before else Base(reference=name, identity=name, reason="not fetched yet")
    try:
        return Base(reference=name, identity=engine.pull(name, _ignore), reason="fetched")
    except CommandError as error:
        if instead:
            return instead
        raise EngineError(
            f"the base image {name} cannot be fetched: {error.tail[-1] if error.tail else error.message}",
            hint="name one that the engine can reach with --base-image"
            + (", or use --base-source bootstrap" if makeable else ""),
        ) from error


def _workshop(
    prepared: Prepared,
    options: Options,
    argv: Sequence[str],
    *,
    listener: Listener,
    folders: workspace.Folders,
) -> act.Workshop:
    return act.Workshop(
        options=options,
        engine=prepared.engine,
        listener=listener,
        base=prepared.base,
        named=prepared.named,
        rendered=prepared.rendered,
        pins=prepared.pins,
        fetch=_fetcher(options),
        secrets=sealed.write_secrets(options, folders.private),
        tools=tools.uv_folder(options.cache_dir),
        work=folders.work,
        private=folders.private,
        logs=folders.logs,
        repeat=lambda image: repeated("build", argv, options.regex, image),
    )


def _results(plan: Plan, run: execute.Run, slots: int, listener: Listener) -> list[Result]:
    """The result of every step, each told to the listener as it ends; an interrupt loses none that ended."""
    ended: dict[str, Result] = {}  # written where the steps run, so what ends during an interrupt is there too
    told: dict[str, Result] = {}

    def noting(step: Step) -> Result:
        ended[step.id] = result = run(step)
        return result

    def tell(result: Result) -> None:
        told[result.step] = result
        listener.ended(result)

    try:
        for result in execute.execute(plan, noting, slots):
            tell(result)
    except KeyboardInterrupt:
        for step in [step for step in list(ended) if step not in told]:
            tell(ended[step])
        results = list(told.values())
        return [*results, *execute.cancelled(plan, results)]  # these had not begun, so nobody waits for their end
    return list(told.values())


def _release(catalogue: Catalogue, options: Options) -> Release:
    return releases.load_release(options.release, releases.folder_of(catalogue.root))


def _pinner(options: Options, release: Release) -> Callable[[Source], Pin]:
    """A function that pins a source; what comes from the package index must have a digest that the lock names."""
    network = network_of(options.network, options.ca_bundle)
    store = Store(options.cache_dir / "sources")

    def pin(source: Source) -> Pin:
        accepted: tuple[str, ...] = ()
        if source.type == "pypi" and not source.version:
            accepted = _locked(release.constraints).get(source.location, ())
        return sources.pin(
            source,
            release=release,
            locals_base=options.locals_base,
            arch=options.base_arch,
            store=store,
            network=network,
            accepted=accepted,
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
    return {pin.name: pin.hashes for pin in lock.pins(constraints.read_text(encoding="utf-8"))}


def _pins(rendered: Rendered, pin: Callable[[Source], Pin]) -> Mapping[str, tuple[Pin, ...]]:
    """What is packed into each archive of the build context."""
    return {
        **{f"{source.name}-archive": (pin(source),) for source in rendered.sources},
        "plugins-archive": tuple(map(pin, rendered.plugins)),
        "additions-archive": tuple(map(pin, rendered.additions)),
    }


def _identities(archives: Mapping[str, tuple[Pin, ...]]) -> tuple[str, ...]:
    return tuple(f"{name}: {pin.identity}" for name, pins in sorted(archives.items()) for pin in pins)


def _fetcher(options: Options) -> Callable[[Pin], Path]:
    network = network_of(options.network, options.ca_bundle)
    return partial(sources.fetch, store=Store(options.cache_dir / "sources"), network=network)


def _render_all(
    catalogue: Catalogue, options: Options, chosen: Graph, base: str, release: Release
) -> Mapping[str, Rendered]:
    make = render.renderer(catalogue, options, base_image=base, constraints=release.constraints)
    return {image.name: make(image) for image in chosen.images}


def _require_folders(options: Options) -> None:
    """See that the folders that a run writes to can be had, before anything is begun."""
    chosen = {"--cache-dir": options.cache_dir, "--logs-dir": options.logs_dir, "--work-dir": options.work_dir}
    for flag, folder in chosen.items():
        if folder is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            reason = "" if os.access(folder, os.W_OK) else os.strerror(errno.EACCES)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
        if reason:
            raise UsageError(f"the folder {folder} cannot be used: {reason}", hint=f"name another with {flag}")


def _require_space(prepared: Prepared) -> None:
    if all(step.decision.action is Action.REUSE for step in prepared.plan.steps.values()):
        return
    free = prepared.engine.free_bytes()
    if free < _LEAST_FREE:
        raise EngineError(
            f"only {free / 1e6:.0f} MB are free where {prepared.engine.name} keeps its images",
            hint=f"free some space: a build needs {_LEAST_FREE / 1e9:.0f} GB at least",
        )


def _with_sizes(results: Sequence[Result], engine: Engine) -> list[Result]:
    sizes = {name: image.size for image in engine.images() for name in image.references}
    return [dataclasses.replace(result, size=sizes.get(result.reference, 0)) for result in results]


def _ignore(_line: str) -> None:
    """Drop a line."""
