"""Carry out one step of a plan: the acting half. What to do was decided before; nothing is decided here."""

import shlex
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage import __version__, bootstrap
from kollage.engines import BuildOrder, Engine
from kollage.errors import Interrupted, KollageError
from kollage.options import Options
from kollage.plan import Action, Step, by_identity
from kollage.process import CommandError, OnLine
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
    base: bootstrap.Base
    named: Mapping[str, str]  # the names in the engine's store -> the image's id
    rendered: Mapping[str, Rendered]
    pins: Mapping[str, Mapping[str, tuple[Pin, ...]]]  # image -> file of the context -> what is packed into it
    fetch: Callable[[Pin], Path]
    secrets: Mapping[str, Path]
    tools: Path
    work: Path
    private: Path  # of this run alone, gone when it ends
    logs: Path
    repeat: Callable[[str], str]  # the command line that builds one image again


def runner(shop: Workshop) -> Callable[[Step], Result]:
    """A function that carries out any step of a plan."""
    act = {Action.BOOTSTRAP: _bootstrap, Action.BUILD: _build, Action.REUSE: _reuse}
    return lambda step: act[step.decision.action](shop, step)


def _reuse(shop: Workshop, step: Step) -> Result:
    if shop.named.get(step.reference) != step.found:
        shop.engine.tag(step.found, step.reference)
    return _result(step, Status.REUSED, 0.0)


def _bootstrap(shop: Workshop, step: Step) -> Result:
    recipe = shop.base.bootstrap
    assert recipe  # noqa: S101 - the plan has such a step only for a base that is bootstrapped

    def work(on_line: OnLine) -> None:
        with TemporaryDirectory(prefix="bootstrap-", dir=shop.private) as folder:
            root = Path(folder, f"{recipe.suite}.tar")
            bootstrap.make_root(recipe, root, on_line)
            shop.engine.import_root(root, step.reference, _labels(shop, step), on_line)

    return _logged(shop, step, work)


def _build(shop: Workshop, step: Step) -> Result:
    def work(on_line: OnLine) -> None:
        rendered = shop.rendered[step.image]
        folder = _context(shop, step, rendered)
        shop.engine.build(_order(shop, step, folder), on_line)
        if not shop.options.work_dir:
            shutil.rmtree(folder)

    return _logged(shop, step, work)


def _order(shop: Workshop, step: Step, folder: Path) -> BuildOrder:
    return BuildOrder(
        context=folder,
        dockerfile=folder / "Dockerfile",
        references=(step.reference, by_identity(step.image, step.identity, shop.options)),
        labels=_labels(shop, step),
        build_args=shop.options.build_args,
        secrets=shop.secrets,
        contexts={"tools": shop.tools},
    )


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


def _context(shop: Workshop, step: Step, rendered: Rendered) -> Path:
    """Write the build context: the Dockerfile, the image's files and the archives of its sources."""
    folder = shop.work / "docker" / rendered.folder
    write_context(rendered, folder)
    for name, pins in shop.pins[step.image].items():
        archives = [shop.fetch(pin) for pin in pins]
        if name in COLLECTIONS:
            archive.collect(archives, folder / name, top=name.removesuffix("-archive"))
        else:
            _link(archives[0], folder / name)
    return folder


def write_context(rendered: Rendered, folder: Path) -> None:
    """Write what rendering gave, with the same modes on every machine; an earlier context there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(rendered.dockerfile, encoding="utf-8")
    for file in rendered.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)


def _link(source: Path, target: Path) -> None:
    """Put an archive into a context, without a copy where the file system allows it."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _logged(shop: Workshop, step: Step, work: Callable[[OnLine], None]) -> Result:
    """Do the work with a log of its own, timed; a failure becomes a result that says how to go on."""
    began = time.monotonic()
    path = shop.logs / f"{step.image}.log"
    shop.listener.begun(step.id, step.image, path)
    tail: deque[str] = deque(maxlen=_TAIL)
    try:
        with _log(path, shop.listener, step.id, tail) as on_line:
            work(on_line)
    except Interrupted as error:
        return _failed(shop, step, Status.CANCELLED, error, began, tail)
    except (KollageError, OSError) as error:
        return _failed(shop, step, Status.FAILED, error, began, tail)
    return _result(step, Status.BUILT, time.monotonic() - began, log=path)


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
    log = shop.logs / f"{step.image}.log"
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
