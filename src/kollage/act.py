"""Carry out one step of a plan: the acting half. What to do was decided before; nothing is decided here."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage import __version__, bootstrap, prove, publish
from kollage.context import write_rendered
from kollage.engines import BuildOrder
from kollage.errors import SourceError
from kollage.options import Options
from kollage.plan import by_identity
from kollage.process import OnLine
from kollage.registry import is_plain, parse
from kollage.render import Rendered
from kollage.results import Result, Status
from kollage.sources import Pin, archive
from kollage.steps import Action, Step
from kollage.workshop import Workshop, logged

COLLECTIONS = ("plugins-archive", "additions-archive")  # these hold any number of sources, or none


def runner(shop: Workshop) -> Callable[[Step], Result]:
    """A function that carries out any step of a plan."""
    act = {
        Action.BOOTSTRAP: _bootstrap,
        Action.BUILD: _build,
        Action.REUSE: _reuse,
        Action.PUBLISHED: _published,
        Action.SKIP: _skip,
        Action.PULL: _pull,
        Action.PUSH: publish.push,
        Action.FETCH: _fetch,
        Action.START: prove.start,
        Action.VERIFY: prove.verify,
        Action.PASSED: prove.passed,
    }
    return lambda step: act[step.decision.action](shop, step)


def _reuse(shop: Workshop, step: Step) -> Result:
    if shop.named.get(step.reference) != step.found:
        shop.engine.tag(step.found, step.reference)
    return step.ended(Status.REUSED)


def _skip(_shop: Workshop, step: Step) -> Result:
    return step.ended(Status.SKIPPED)


def _published(_shop: Workshop, step: Step) -> Result:
    return replace(step.ended(Status.REUSED), reference=step.origin)


def _pull(shop: Workshop, step: Step) -> Result:
    origin = step.origin or step.reference

    def work(on_line: OnLine) -> None:
        image = shop.engine.pull(origin, on_line, plain=is_plain(parse(origin).host))
        if step.origin:  # it has no name here yet
            for name in (step.reference, by_identity(step.image, step.identity, shop.options)):
                shop.engine.tag(image, name)

    return logged(shop, step, work, Status.PULLED)


def _fetch(shop: Workshop, step: Step) -> Result:
    """A favour to the build behind it, which tries again, and tells, what cannot be had now."""
    began = time.monotonic()
    shop.listener.begun(step.id, step.image, None)
    try:
        for pins in shop.pins[step.image].values():
            for pin in pins:
                shop.fetch(pin)
    except SourceError as error:
        return replace(step.ended(Status.LEFT), reason=error.message)
    return step.ended(Status.FETCHED, time.monotonic() - began)


def _bootstrap(shop: Workshop, step: Step) -> Result:
    recipe = shop.base.bootstrap if shop.base else None
    assert recipe  # noqa: S101 - the plan has such a step only for a base that is bootstrapped

    def work(on_line: OnLine) -> None:
        with TemporaryDirectory(prefix="bootstrap-", dir=shop.private) as folder:
            root = Path(folder, f"{recipe.suite}.tar")
            bootstrap.make_root(recipe, root, on_line)
            labels = _labels(shop, step)
            shop.engine.import_root(root, step.reference, labels, on_line, platform=shop.options.platform)

    return logged(shop, step, work)


def _build(shop: Workshop, step: Step) -> Result:
    def work(on_line: OnLine) -> None:
        rendered = shop.rendered[step.image]
        folder = shop.work / "docker" / rendered.folder
        _write_context(rendered, folder, shop.pins[step.image], shop.fetch)
        shop.engine.build(_order(shop, step, rendered, folder), on_line)
        if not shop.options.work_dir:
            shutil.rmtree(folder)

    return logged(shop, step, work)


def _order(shop: Workshop, step: Step, rendered: Rendered, folder: Path) -> BuildOrder:
    options, image = shop.options, rendered.image
    return BuildOrder(
        context=folder,
        dockerfile=folder / "Dockerfile",
        references=(step.reference, by_identity(step.image, step.identity, options)),
        labels=_labels(shop, step),
        build_args=options.build_args,
        inherited=_network_arguments(options) if image.whole else {},
        secrets={} if image.whole else shop.secrets,
        contexts={} if image.whole else {"tools": shop.tools},
        platform=options.platform,
        network=options.network_mode,
        # ours are one layer, made whole or not at all; cached layers hold the packages that updates replace
        cache=options.cache
        and not (options.force or options.no_reuse or options.refresh)
        and image.whole
        and not rendered.updates,
        pull=options.pull and rendered.foreign,
        squash=options.squash,
        run=shop.private,
        keep=options.keep,
    )


def _network_arguments(options: Options) -> dict[str, str]:
    """The arguments that Kolla gives every build of its own images: proxies, and indexes that its file names."""
    proxies = {name: value for name, value in options.network.items() if name.lower().endswith("_proxy")}
    given = {**proxies, **options.pip_arguments}
    return {name: value for name, value in given.items() if name not in options.build_args}


def _labels(shop: Workshop, step: Step) -> dict[str, str]:
    """What stands on an image without being part of its identity."""
    title = "org.opencontainers.image"
    image = shop.rendered.get(step.image)
    return {
        "kolla_version": __version__,
        "kollage.fingerprint": step.identity,
        f"{title}.title": step.image,
        f"{title}.version": shop.options.tag,
        f"{title}.vendor": shop.options.maintainer,
        **({f"{title}.description": image.image.description} if image else {}),
    }


def _write_context(
    rendered: Rendered, folder: Path, pins: Mapping[str, tuple[Pin, ...]], fetch: Callable[[Pin], Path]
) -> None:
    """Write everything that a build needs; an earlier context there is replaced. Fetches what is not there yet."""
    write_rendered(rendered, folder)
    for name, pinned in pins.items():
        archives = [fetch(pin) for pin in pinned]
        if name in COLLECTIONS:
            archive.collect(archives, folder / name, top=name.removesuffix("-archive"))
        else:
            _link(archives[0], folder / name)


def _link(source: Path, target: Path) -> None:
    """Put an archive into a context, without a copy where the file system allows it."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
