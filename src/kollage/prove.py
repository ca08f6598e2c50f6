"""Verify an image: look at its root file system, start its service, and keep what was proven."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from kollage.engines import ids_by_name
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.errors import EngineError, KollageError, SourceError
from kollage.guests import guest, machines
from kollage.image import Image
from kollage.process import OnLine
from kollage.proofs import connected
from kollage.results import Finding, Result, Status
from kollage.steps import Step
from kollage.verify import Subject, alive, is_excepted, static_findings, verdicts
from kollage.workshop import Beside, Workshop, failed, logged


def start(shop: Workshop, step: Step) -> Result:
    """Start a service that others need beside them."""
    image = shop.catalogue.images[step.image]

    def work(on_line: OnLine) -> None:
        if missing := _missing(shop, image):
            raise EngineError(missing)
        stage = _stage(shop, image, _network(shop, image, step.reference))
        started = alive.start(image, step.reference, stage, on_line)
        shop.beside[step.image] = Beside(container=started.container, volumes=started.volumes)
        trouble = alive.wait(image, started.container, stage.runtime)
        if trouble:
            raise EngineError(trouble.message)

    return logged(shop, step, work, Status.STARTED)


def end_services(shop: Workshop) -> None:
    """Remove the services that ran beside, the last one first: they live in the network of what was there before."""
    for service in reversed(list(shop.beside.values())):
        shop.engine.containers().remove([service.container], service.volumes)


def passed(shop: Workshop, step: Step) -> Result:
    """Nothing is looked at again."""
    done, folder = step.ended(Status.REUSED), verdicts.folder(shop.options.cache_dir)
    with suppress(OSError):  # it was there when that was decided
        return replace(done, excepted=verdicts.excepted(folder, _verdict(shop, step)))
    return done


def verify(shop: Workshop, step: Step) -> Result:
    """Check an image, and keep that it passed."""
    image, began = shop.catalogue.images[step.image], time.monotonic()
    found: list[Finding] = []
    done = logged(shop, step, lambda on_line: found.extend(_findings(shop, step, image, on_line)), Status.VERIFIED)
    if not done.ok:
        return done
    left = tuple(finding for finding in found if not is_excepted(finding, image))
    excepted = len(found) - len(left)
    if not left:
        folder = verdicts.folder(shop.options.cache_dir)
        verdicts.keep(folder, _verdict(shop, step), image=step.reference, excepted=excepted)
        return replace(done, excepted=excepted, reason=_excepted(excepted))
    lines = deque(_lines(left))
    bad = failed(shop, step, Status.FAILED, KollageError(_count(left)), began, lines)
    return replace(bad, findings=left, excepted=excepted, tail=tuple(lines))


def _findings(shop: Workshop, step: Step, image: Image, on_line: OnLine) -> Iterator[Finding]:
    for finding in (*_static(shop, step, image, on_line), *_dynamic(shop, step, image, on_line)):
        on_line(f"{finding.check} {finding.subject}: {finding.message}")
        yield finding


def _static(shop: Workshop, step: Step, image: Image, on_line: OnLine) -> list[Finding]:
    """The findings of all checks that start no service."""
    with shop.engine.opened(step.reference, shop.private) as opened:
        if opened.architecture not in {"", shop.options.debian_arch}:
            raise KollageError(
                f"{step.reference} is for {opened.architecture}, and {shop.options.debian_arch} was asked for",
                hint="say which with --base-arch",
            )
        return static_findings(_subject(shop, image, opened), on_line)


def _subject(shop: Workshop, image: Image, opened: Opened) -> Subject:
    return Subject(
        image=image,
        root=opened.root,
        configuration=opened.configuration,
        accounts=shop.catalogue.accounts,
        base=shop.options.base,
        history=opened.history,
        run=opened.run,
    )


def _dynamic(shop: Workshop, step: Step, image: Image, on_line: OnLine) -> list[Finding]:
    """The findings of the checks that start the service; that they cannot run is one, too."""
    if missing := _missing(shop, image):
        return [_not_run(image, missing)]
    try:
        with _staged(shop, step, image) as stage:
            return list(alive.check(image, step.reference, stage, on_line))
    except (EngineError, SourceError) as error:
        return [_not_run(image, error.message)] if image.verify.healthy or image.verify.version else []


@contextmanager
def _staged(shop: Workshop, step: Step, image: Image) -> Iterator[alive.Stage]:
    stage = _stage(shop, image, _network(shop, image, step.reference) if image.verify.needs else "none")
    if not image.verify.kernel:
        yield stage
        return
    booted = guest(shop.options, machines.design(image.verify.kernel))
    with shop.engine.opened(step.reference, shop.private) as opened:
        runtime = machines.Machines(opened, booted, shop.options.base_arch, shop.private / image.name)
        yield replace(stage, runtime=runtime)


def _missing(shop: Workshop, image: Image) -> str:
    """What the service of an image lacks beside it, as a sentence; "" if nothing."""
    missing = [name for name in image.verify.needs if name not in shop.beside]
    command = f"kollage build '^({'|'.join(missing)})$'"
    return f"it needs {', '.join(missing)} beside it, not in the store; build first: {command}" if missing else ""


def _not_run(image: Image, why: str) -> Finding:
    return Finding(check="alive.not-run", subject=image.name, message=f"its service was not started: {why}")


def _network(shop: Workshop, image: Image, reference: str) -> str:
    """The network of the services that need each other: of a container that lasts, whichever of them cannot start."""
    holder = f"network of {min(connected(image, shop.catalogue))}"  # no image has such a name
    if holder not in shop.beside:
        containers = _containers(shop)
        mine = Beside(container=containers.hold(reference), volumes={})
        if shop.beside.setdefault(holder, mine) is not mine:  # another service was as early
            containers.remove([mine.container], ())
    return f"container:{shop.beside[holder].container}"


def _containers(shop: Workshop, *, systemd: bool = False) -> Containers:
    return replace(shop.engine.containers(systemd=systemd), run_folder=str(shop.private))


def _stage(shop: Workshop, image: Image, network: str) -> alive.Stage:
    beside = {name: service.container for name, service in shop.beside.items() if name in shop.catalogue.images}
    needed = (shop.beside[name].volumes for name in image.verify.needs if name in shop.beside)
    containers = _containers(shop, systemd=image.verify.systemd)
    return alive.Stage(
        containers=containers,
        runtime=containers,
        beside=beside,
        volumes={folder: volume for volumes in needed for volume, folder in volumes.items()},
        network=network,
        scratch=shop.private,
    )


def _verdict(shop: Workshop, step: Step) -> str:
    """The name of what is kept of an image that passes."""
    image = shop.catalogue.images[step.image]
    return verdicts.key(image, _identity(shop, step), shop.options.debian_arch)


def _identity(shop: Workshop, step: Step) -> str:
    """The image itself: its id in the store."""
    if step.found:
        return step.found
    return ids_by_name(shop.engine.images())[step.reference]


def _lines(findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        yield from f"{finding.check} {finding.subject}: {finding.message}".splitlines()
        if finding.hint:
            yield f"  hint: {finding.hint}"


def _excepted(count: int) -> str:
    return f"{count} exception{'s' if count > 1 else ''}" if count else "every check"


def _count(findings: tuple[Finding, ...]) -> str:
    return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
