"""Carry out one step of a plan: the acting half. What to do was decided before; nothing is decided here."""

import shlex
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage import __version__, bootstrap
from kollage.context import write_rendered
from kollage.engines import BuildOrder, Engine
from kollage.errors import BuildError, Interrupted, KollageError, RegistryError
from kollage.options import Options
from kollage.plan import Action, Lane, Step, by_identity
from kollage.process import CommandError, OnLine
from kollage.registry import Client, Published, is_plain, parse, with_retries
from kollage.render import Rendered
from kollage.report.events import Listener
from kollage.results import Result, Status
from kollage.sources import Pin, archive

COLLECTIONS = ("plugins-archive", "additions-archive")  # these hold any number of sources, or none
_LONGEST = 300  # characters of a line that the report shows
_TAIL = 15  # lines of a failed step that the report shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the steps of one run work with."""

    options: Options
    engine: Engine
    listener: Listener
    base: bootstrap.Base | None
    named: Mapping[str, str]  # the names in the engine's store -> the image's id
    rendered: Mapping[str, Rendered]
    pins: Mapping[str, Mapping[str, tuple[Pin, ...]]]  # image -> file of the context -> what is packed into it
    fetch: Callable[[Pin], Path]
    registry: Client
    secrets: Mapping[str, Path]
    tools: Path
    work: Path
    private: Path  # of this run alone, gone when it ends
    logs: Path
    repeat: Callable[[str], str]  # the command line that builds one image again


def runner(shop: Workshop) -> Callable[[Step], Result]:
    """A function that carries out any step of a plan."""
    act = {
        Action.BOOTSTRAP: _bootstrap,
        Action.BUILD: _build,
        Action.REUSE: _reuse,
        Action.SKIP: _skip,
        Action.PULL: _pull,
        Action.PUSH: _push,
    }
    return lambda step: act[step.decision.action](shop, step)


def _reuse(shop: Workshop, step: Step) -> Result:
    if shop.named.get(step.reference) != step.found:
        shop.engine.tag(step.found, step.reference)
    return _result(step, Status.REUSED, 0.0)


def _skip(_shop: Workshop, step: Step) -> Result:
    return _result(step, Status.SKIPPED, 0.0)


def _pull(shop: Workshop, step: Step) -> Result:
    return _logged(shop, step, lambda on_line: shop.engine.pull(step.reference, on_line), Status.PULLED)


def _push(shop: Workshop, step: Step) -> Result:
    """Push an image, unless the registry has it; then see that what is there is what was sent."""
    began = time.monotonic()
    try:
        if _is_published(shop, step.reference):
            return replace(_result(step, Status.REUSED, 0.0), reason="the registry has it")
    except RegistryError as error:
        return _failed(shop, step, Status.FAILED, error, began, deque())

    def work(on_line: OnLine) -> None:
        digest = shop.engine.push(step.reference, on_line, plain=is_plain(parse(step.reference).host))
        published = _published(shop, step.reference)
        if published is None or published.digest != digest:
            there = published.digest if published else "nothing"
            raise BuildError(
                f"{step.reference} was pushed as {digest}, and the registry has {there}",
                hint="somebody else may have pushed the same name; push it again",
            )

    return _logged(shop, step, work, Status.PUSHED)


def _is_published(shop: Workshop, reference: str) -> bool:
    # docker's store leaves docker.io out of names
    local = {image.id for image in shop.engine.images() if bootstrap.same_name(reference, image.references)}
    published = _published(shop, reference)
    return published is not None and published.config in local


def _published(shop: Workshop, reference: str) -> Published | None:
    return with_retries(lambda: shop.registry.published(reference), attempts=shop.options.retries + 1)


def _bootstrap(shop: Workshop, step: Step) -> Result:
    recipe = shop.base.bootstrap if shop.base else None
    assert recipe  # noqa: S101 - the plan has such a step only for a base that is bootstrapped

    def work(on_line: OnLine) -> None:
        with TemporaryDirectory(prefix="bootstrap-", dir=shop.private) as folder:
            root = Path(folder, f"{recipe.suite}.tar")
            bootstrap.make_root(recipe, root, on_line)
            labels = _labels(shop, step)
            shop.engine.import_root(root, step.reference, labels, on_line, platform=shop.options.platform)

    return _logged(shop, step, work)


def _build(shop: Workshop, step: Step) -> Result:
    def work(on_line: OnLine) -> None:
        rendered = shop.rendered[step.image]
        folder = shop.work / "docker" / rendered.folder
        _write_context(rendered, folder, shop.pins[step.image], shop.fetch)
        shop.engine.build(_order(shop, step, rendered, folder), on_line)
        if not shop.options.work_dir:
            shutil.rmtree(folder)

    return _logged(shop, step, work)


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
        cache=options.cache and not options.force,
        pull=options.pull and rendered.foreign,
        squash=options.squash,
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


def _logged(shop: Workshop, step: Step, work: Callable[[OnLine], object], status: Status = Status.BUILT) -> Result:
    """Do the work with a log of its own, timed; a failure becomes a result that says how to go on."""
    began = time.monotonic()
    path = _log_path(shop, step)
    shop.listener.begun(step.id, step.image, path)
    tail: deque[str] = deque(maxlen=_TAIL)
    try:
        with _log(path, shop.listener, step.id, tail) as on_line:
            work(on_line)
    except Interrupted as error:
        return _failed(shop, step, Status.CANCELLED, error, began, tail)
    except (KollageError, OSError) as error:
        return _failed(shop, step, Status.FAILED, error, began, tail)
    return _result(step, status, time.monotonic() - began, log=path)


def _log_path(shop: Workshop, step: Step) -> Path:
    return shop.logs / (f"{step.image}.log" if step.lane is Lane.BUILD else f"{step.image}.{step.lane}.log")


@contextmanager
def _log(path: Path, listener: Listener, step: str, tail: deque[str]) -> Iterator[OnLine]:
    with path.open("w", encoding="utf-8", errors="replace") as file:

        def on_line(text: str) -> None:
            file.write(text + "\n")
            file.flush()
            tail.append(text)
            listener.line(step, text)

        yield on_line


def _result(step: Step, status: Status, seconds: float, log: Path | None = None) -> Result:
    return Result(
        step=step.id,
        image=step.image,
        status=status,
        reason=step.decision.reason,
        seconds=seconds,
        reference=step.reference,
        log=log,
    )


def _failed(shop: Workshop, step: Step, status: Status, error: Exception, began: float, tail: deque[str]) -> Result:
    lines = tuple(tail)
    reason = _explained(error, lines)
    log = _log_path(shop, step)
    with suppress(OSError), log.open("a", encoding="utf-8", errors="replace") as file:  # the disk may be full
        file.write(f"{step.image} {status}: {reason}\n")
    return Result(
        step=step.id,
        image=step.image,
        status=status,
        reason=reason,
        seconds=time.monotonic() - began,
        log=log,
        tail=tuple(map(_cut, lines)),
        command=shop.repeat(step.image) if step.decision.action is Action.BUILD else "",
    )


def _cut(line: str) -> str:
    """A line of the log without its middle where it is very long: engines repeat whole commands before the cause."""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 3]} … {line[-_LONGEST * 2 // 3 :]}"


def _explained(error: Exception, tail: tuple[str, ...]) -> str:
    """The failure in a sentence, with the way out below it; a full disk is named, for tools that meet one seldom do."""
    text = error.message if isinstance(error, KollageError) else str(error)
    if any("No space left on device" in line for line in (*tail, text)):
        return "the disk is full: free space where the engine keeps its images and Kollage its cache, then repeat it"
    if isinstance(error, CommandError):
        how = text.removeprefix(shlex.join(error.command)).splitlines()[0]
        return f"{shlex.quote(error.command[0])}{how}"
    return f"{text}\n{error.hint}" if isinstance(error, KollageError) and error.hint else text
