"""A course is carried out: containers made, started and waited for, each after what it needs."""

import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass

from kollage import execute, process
from kollage.deploy.cloud import Cloud, Part
from kollage.deploy.runner import Runner
from kollage.deploy.steps import Course
from kollage.errors import Interrupted, KollageError
from kollage.report.events import Listener
from kollage.results import Result, Status
from kollage.steps import Lane, Step

_PAUSE = 1.0  # seconds between two questions whether a service is healthy
_RESTARTS = 5  # after which a service is given up: each begins with the same configuration
_TAIL = 20  # lines of what failed that are shown
_AT_ONCE = 8  # containers that are waited for at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the steps of one launch work with."""

    cloud: Cloud
    runner: Runner
    listener: Listener
    patience: int  # by how much slower than expected a service may be
    done: MutableMapping[str, str]  # written where the steps run: what later runs need not do again
    keep: Callable[[Mapping[str, str]], None]  # writes that down


def launch(course: Course, site: Site) -> list[Result]:
    """Bring the cloud to run; what fails leaves everything as it is, to be looked at."""
    site.runner.remove(course.outdated)
    site.runner.create(course.missing, lambda _line: None)
    results: list[Result] = []
    for result in execute.execute(course.plan, lambda step: _carried_out(step, site), {Lane.BUILD: _AT_ONCE}):
        results.append(result)
        site.listener.ended(result)
        if result.ok:
            site.keep(site.done)
    return results


def _carried_out(step: Step, site: Site) -> Result:
    part, began = site.cloud.parts[step.image], time.monotonic()
    site.listener.begun(step.id, step.image, None)
    try:
        site.runner.start(step.image)
        if part.unit.once:
            _until_ended(part, site)
            site.done[step.image] = part.digest
        else:
            _until_healthy(part, site)
            site.done[step.image] = site.runner.found()[step.image].since
    except Interrupted as error:
        return _failed(step, Status.CANCELLED, error, began, ())
    except KollageError as error:
        return _failed(step, Status.FAILED, error, began, _last_lines(part, site))
    return Result(
        step=step.id,
        image=step.image,
        status=Status.STARTED,
        reason=step.decision.reason,
        seconds=time.monotonic() - began,
        reference=step.reference,
    )


def _until_ended(part: Part, site: Site) -> None:
    code = site.runner.wait(part.unit.name)
    if code:
        raise KollageError(f"it ended with {code}", hint=_hint(part))


def _until_healthy(part: Part, site: Site) -> None:
    unit = part.unit
    limit = unit.seconds * site.patience
    end = time.monotonic() + limit
    before = site.runner.restarts(unit.name)
    while True:
        asked = time.monotonic()
        ailment = site.runner.ailment(unit.name, unit.healthy) if unit.healthy else ""
        if not ailment:
            return
        took = time.monotonic() - asked
        if site.runner.restarts(unit.name) - before >= _RESTARTS:
            raise KollageError("it ends again and again by itself", hint=_hint(part))
        if time.monotonic() > end:
            raise KollageError(f"it was not healthy within {limit} s: {ailment}", hint=_hint(part))
        process.pause(max(_PAUSE, 2 * took))  # on a busy machine the questions themselves are work


def _hint(part: Part) -> str:
    return f"see `kollage logs {part.unit.name}`; all is left as it is, and `kollage up` goes on from here"


def _last_lines(part: Part, site: Site) -> tuple[str, ...]:
    try:
        return tuple(site.runner.lines(part.unit.name, _TAIL))
    except KollageError:  # there may be no container at all
        return ()


def _failed(step: Step, status: Status, error: KollageError, began: float, tail: tuple[str, ...]) -> Result:
    reason = f"{error.message}\n{error.hint}" if error.hint else error.message
    return Result(
        step=step.id, image=step.image, status=status, reason=reason, seconds=time.monotonic() - began, tail=tail
    )
