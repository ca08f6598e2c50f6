"""A plan run by Dask: each step a task, with Dask's own priorities, resources and retries.

A step is handed over when everything it needs has ended well; Dask places it. Results come back as small values. What
a lost scheduler or worker took with it is handed over again: a step that was done is found in the registry.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from kollage.distributed import labels, site
from kollage.distributed.lines import TOPIC
from kollage.distributed.orders import Ticket
from kollage.errors import UsageError
from kollage.execute import Queue, blocked
from kollage.plan import Action, Lane, Plan, Step
from kollage.results import Result, Status

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK = 0.5  # seconds between two looks whether the scheduler is still there
_GATHER = 60.0  # seconds for a result, which is small, to come from the worker that has it
_SELDOM = 5.0  # seconds between two looks at the workers
_GONE = frozenset({"cancelled", "lost"})

Connect = Callable[[], "Client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A step as it is handed over."""

    ticket: Ticket
    needed: Mapping[str, float]  # Dask's resources
    parent: str = ""  # the key of the step that made what it is built on: who did that has it
    retries: int = 3


@dataclass(slots=True, kw_only=True)
class Farm:
    """The scheduler that steps go to, as long as it lasts, and then the next one at the same address."""

    connect: Connect
    hear: Callable[[Mapping[str, Any]], None]
    patience: float  # seconds that a scheduler may be away, or no worker there
    tell: Callable[[str], None]  # a sentence for the user
    client: "Client | None" = None
    held: dict[str, set[str]] = field(default_factory=dict)  # key of a step -> the workers that have its image
    _ended: "SimpleQueue[Future[Any]]" = field(default_factory=SimpleQueue)

    def open(self) -> None:
        """Reach the scheduler. Raises `UsageError` where nobody answers, or not as a scheduler does."""
        self.client = self.connect()
        self.client.subscribe_topic(TOPIC, lambda event: self.hear(event[1]))

    def close(self) -> None:
        """Leave the scheduler alone."""
        if self.client:
            with suppress(Exception):  # a scheduler that has gone is left well enough
                self.client.close(timeout=2)
        self.client = None

    def submit(self, step: Step, errand: Errand) -> "Future[Any]":
        """Hand a step over; to who holds what it is built on, if that one has time."""
        assert self.client  # noqa: S101 - it is open
        there = self.client.scheduler_info(n_workers=-1).get("workers", {})
        holders = sorted(address for address in self.held.get(errand.parent, ()) if address in there)
        ticket = errand.ticket
        future = self.client.submit(
            site.carry_out,
            ticket.place,
            ticket.plan,
            ticket.name,
            ticket.key,
            key=ticket.key,
            workers=holders or None,
            allow_other_workers=bool(holders),
            resources=dict(errand.needed),
            retries=errand.retries,
            priority=step.priority,
            pure=False,
        )
        future.add_done_callback(self._ended.put)
        return future

    def wait(self) -> "Future[Any] | None":
        """The next step that has ended, in whatever way; None after a moment in which none did."""
        with suppress(Empty):
            return self._ended.get(timeout=_LOOK)
        return None

    def is_lost(self) -> bool:
        """Whether the scheduler is not there any more."""
        return self.client is None or self.client.status != "running"

    def reopen(self) -> None:
        """Reach the scheduler again, as soon as it is there. Raises `UsageError` where that takes too long."""
        self.tell("the scheduler is away; waiting for it")
        self.close()
        self.held.clear()
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self.open()
            except UsageError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_LOOK)
            else:
                self.tell("the scheduler is back")
                return

    def workers(self) -> Mapping[str, labels.Labels]:
        """The workers that take steps, by address."""
        assert self.client  # noqa: S101 - it is open
        return labels.of_workers(self.client.scheduler_info(n_workers=-1))


def execute(plan: Plan, errands: Mapping[str, Errand], farm: Farm) -> Iterator[Result]:
    """Yield the result of every step as it ends; steps without an errand have nothing to do."""
    queue, failed = Queue(plan), dict[str, str]()
    running: dict[str, Future[Any]] = {}
    slots = {lane: len(plan.steps) for lane in Lane}  # Dask counts them
    waiting = _Waiting(plan, errands, farm)
    while True:
        while names := queue.take(slots):
            for name in [each for each in names if each not in errands]:
                queue.ended(name, well=True)
                yield _nothing(plan.steps[name])
            running |= {name: farm.submit(plan.steps[name], errands[name]) for name in names if name in errands}
        if not running:
            break
        for name, result in [*_ended(plan, errands, running, farm), *waiting.given_up(running)]:
            running.pop(name, None)
            queue.ended(name, well=result.ok)
            failed |= {} if result.ok else {name: result.image}
            yield result
    yield from blocked(queue.waiting, failed)


def _ended(
    plan: Plan, errands: Mapping[str, Errand], running: dict[str, "Future[Any]"], farm: Farm
) -> Iterator[tuple[str, Result]]:
    """The steps that ended in the next moment; those that went lost are handed over again."""
    future = farm.wait()
    if farm.is_lost() or (future in running.values() and future and future.status in _GONE):
        farm.reopen()
        running |= {name: farm.submit(plan.steps[name], errands[name]) for name in running}
        return
    name = next((name for name, each in running.items() if each is future), "")
    if not name or not future:
        return
    try:
        result, worker = future.result(timeout=_GATHER)
    except Exception as error:  # noqa: BLE001 - whatever Dask or a worker raises is what went wrong with the step
        if future.status in {"pending", *_GONE} or isinstance(error, TimeoutError):  # who had it has gone
            running[name] = farm.submit(plan.steps[name], errands[name])
            return
        result, worker = _failed(_sentence(error)), ""
    if worker and result.ok:
        for key in filter(None, (errands[name].ticket.key, errands[name].parent)):
            farm.held.setdefault(key, set()).add(worker)
    yield name, _of(plan.steps[name], result)


def _of(step: Step, result: Result) -> Result:
    """A worker's result as one of this run: workers do not know what the step is called here."""
    own = result.reference if result.ok and step.lane is Lane.PUSH else step.reference
    return replace(result, step=step.id, image=step.image, reference=own)


def _sentence(error: Exception) -> str:
    return f"{error}" if isinstance(error, site.Unfit) else f"{type(error).__name__}: {error}"


def _nothing(step: Step) -> Result:
    """The result of a step that has nothing to do: the registry has what it promises."""
    left = step.decision.action is Action.SKIP
    return Result(
        step=step.id,
        image=step.image,
        status=Status.SKIPPED if left else Status.REUSED,
        reason=step.decision.reason,
        reference=step.origin or step.reference,
    )


class _Waiting:
    """Looks now and then whether every step that waits has a worker that could take it."""

    def __init__(self, plan: Plan, errands: Mapping[str, Errand], farm: Farm) -> None:
        self._plan = plan
        self._errands = errands
        self._farm = farm
        self._seen = dict[str, float]()  # when there was a worker for a step
        self._next = 0.0
        self._told = False

    def given_up(self, running: Mapping[str, "Future[Any]"]) -> Iterator[tuple[str, Result]]:
        """The steps for which no worker has come for too long, as failed."""
        now = time.monotonic()
        if now < self._next or self._farm.is_lost():
            return
        self._next = now + _SELDOM
        known = self._farm.workers().values()
        for name in running:
            lacking = labels.lacking(self._errands[name].needed, known)
            since = self._seen.setdefault(name, now)
            if not lacking:
                self._seen[name] = now
            elif now - since > self._farm.patience:
                why = f"no worker has come that could do it: {lacking}"
                yield name, _of(self._plan.steps[name], _failed(why))
            elif not self._told and now - since > _SELDOM:
                self._told = True
                self._farm.tell(f"{self._plan.steps[name].image} waits: {lacking}")


def _failed(reason: str) -> Result:
    return Result(step="", image="", status=Status.FAILED, reason=reason)
