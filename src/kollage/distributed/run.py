"""A plan run by Dask: each step a task, with Dask's own priorities, resources and retries.

A step is handed over when everything it needs has ended well and a host has a slot for it. Results come back as small
values. What a lost scheduler or worker took with it is handed over again: a step that was done is found in the
registry.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kollage.distributed import labels, site
from kollage.distributed.farm import Errand, Farm
from kollage.distributed.placement import Placement
from kollage.execute import Queue, blocked
from kollage.results import Result, Status
from kollage.steps import Action, Lane, Plan, Step

if TYPE_CHECKING:
    from distributed import Future

_GATHER = 60.0  # seconds for a result, which is small, to come from the worker that has it
_OFTEN = 1.0  # seconds between two looks at the workers
_AHEAD = 1  # steps that wait at a worker already, so that no slot waits for the way here and back
_SOON = 5.0  # seconds that a step may wait for a worker to come before somebody is told
_GONE = frozenset({"cancelled", "lost"})


def execute(plan: Plan, errands: Mapping[str, Errand], farm: Farm) -> Iterator[Result]:
    """Yield the result of every step as it ends; steps without an errand have nothing to do."""
    return _Run(plan, errands, farm).results()


class _Run:
    """The steps that were handed over, those that wait for a host, and those that are not ready."""

    def __init__(self, plan: Plan, errands: Mapping[str, Errand], farm: Farm) -> None:
        self._plan = plan
        self._errands = errands
        self._farm = farm
        self._queue = Queue(plan)
        self._placement = Placement({name: errand.load for name, errand in errands.items() if errand.load})
        self._kinds = {errand.load.kind: errand.needed for errand in errands.values() if errand.load}
        self._running: dict[str, tuple[Future[Any], str]] = {}  # with the host that it was handed to
        self._workers: Mapping[str, labels.Labels] = {}
        self._next = 0.0  # when the workers are looked at again
        self._check = 0.0  # when it is looked whether steps wait in vain
        self._waits: dict[str, float] = {}  # since when there has been no worker for a step
        self._told = False

    def results(self) -> Iterator[Result]:
        """See `execute`."""
        failed: dict[str, str] = {}
        slots = {lane: len(self._plan.steps) for lane in Lane}  # Dask counts them
        while True:
            while names := self._queue.take(slots):
                yield from filter(None, map(self._released, names))
            self._look()
            self._place()
            if not self._running and not self._placement.ready():
                break
            for name, result in [*self._ended(), *self._given_up()]:
                self._queue.ended(name, well=result.ok)
                failed |= {} if result.ok else {name: result.image}
                yield result
        yield from blocked(self._queue.waiting, failed)

    def _released(self, name: str) -> Result | None:
        """Take up a step that is ready; the result of one that has nothing to do."""
        if name not in self._errands:
            self._queue.ended(name, well=True)
            return _nothing(self._plan.steps[name])
        self._hand_over(name)
        return None

    def _hand_over(self, name: str) -> None:
        if self._errands[name].load:
            self._placement.release(name)
        else:
            self._running[name] = (self._farm.submit(self._plan.steps[name], self._errands[name]), "")

    def _place(self) -> None:
        for host, name, _ in self._placement.assigned():
            self._running[name] = (self._farm.submit(self._plan.steps[name], self._errands[name], host), host)

    def _look(self) -> None:
        """See which workers have come and which have gone."""
        now = time.monotonic()
        if now < self._next or self._farm.is_lost():
            return
        self._next = now + _OFTEN
        self._workers = {address: each for address, each in self._farm.workers().items() if each.takes}
        for address in [each for each in self._placement.hosts() if each not in self._workers]:
            self._placement.left(address)
        for address, worker in self._workers.items():
            kinds = [kind for kind, needed in self._kinds.items() if not labels.lacking(needed, (worker,))]
            slots = int(worker.resources.get(Lane.BUILD.value, 0))
            self._placement.joined(address, slots + _AHEAD, kinds)

    def _ended(self) -> Iterator[tuple[str, Result]]:
        """The steps that ended in the next moment; those that went lost are handed over again."""
        ended = self._farm.wait()
        names = {id(future): name for name, (future, _) in self._running.items()}
        mine = [(names[id(each)], each) for each in ended if id(each) in names]  # others were handed over anew
        if self._farm.is_lost() or any(future.status in _GONE for _, future in mine):
            self._reopen()
            return
        for name, future in mine:
            yield from self._gathered(name, future)

    def _reopen(self) -> None:
        """Reach the scheduler again, and hand over what was there."""
        self._farm.reopen()
        lost, self._running, self._next = list(self._running), {}, 0.0
        for address in list(self._placement.hosts()):
            self._placement.left(address)
        for name in lost:
            self._hand_over(name)

    def _gathered(self, name: str, future: "Future[Any]") -> Iterator[tuple[str, Result]]:
        try:
            result, worker = future.result(timeout=_GATHER)
        except Exception as error:  # noqa: BLE001 - whatever Dask or a worker raises is what went wrong with the step
            if future.status in {"pending", *_GONE} or isinstance(error, TimeoutError):  # who had it has gone
                self._again(name)
                return
            result, worker = _failed(_sentence(error)), ""
        self._placement.ended(self._running.pop(name)[1])
        if result.ok and self._errands[name].load:
            self._placement.holds(worker, name)
        yield name, _of(self._plan.steps[name], result)

    def _again(self, name: str) -> None:
        self._placement.ended(self._running.pop(name)[1])
        self._hand_over(name)

    def _given_up(self) -> Iterator[tuple[str, Result]]:
        """The steps for which no worker has come for too long, as failed."""
        now = time.monotonic()
        if now < self._check:
            return
        self._check = now + _OFTEN
        for name in [*self._running, *self._placement.ready()]:
            lacking = labels.lacking(self._errands[name].needed, self._workers.values())
            since = self._waits.setdefault(name, now) if lacking else now
            if not lacking:
                self._waits.pop(name, None)
            elif now - since > self._farm.patience:
                self._drop(name)
                yield name, _of(self._plan.steps[name], _failed(f"no worker has come that could do it: {lacking}"))
            elif not self._told and now - since > _SOON:
                self._told = True
                self._farm.tell(f"{self._plan.steps[name].image} waits: {lacking}")

    def _drop(self, name: str) -> None:
        if name in self._running:
            self._placement.ended(self._running.pop(name)[1])
        else:
            self._placement.withdraw(name)


def _of(step: Step, result: Result) -> Result:
    """A worker's result as one of this run: workers do not know what the step is called here."""
    return replace(result, step=step.id, image=step.image, reference=step.reference)


def _sentence(error: Exception) -> str:
    if isinstance(error, site.Unfit):
        return str(error)
    if type(error).__name__ == "KilledWorker":
        return "every worker that began it was lost: see what they say, and the log of the scheduler"
    return f"{type(error).__name__}: {error}"


def _failed(reason: str) -> Result:
    return Result(step="", image="", status=Status.FAILED, reason=reason)


def _nothing(step: Step) -> Result:
    """The result of a step that has nothing to do: the registry has what it promises."""
    return Result(
        step=step.id,
        image=step.image,
        status=Status.SKIPPED if step.decision.action is Action.SKIP else Status.REUSED,
        reason=step.decision.reason,
        reference=step.origin or step.reference,
    )
