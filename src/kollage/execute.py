"""Run a plan on slots: the only module that knows threads.

A step is released when everything it needs has ended well. A step whose need failed is never released and ends as
blocked. Ready steps are taken in order of the longest path behind them.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from kollage import process
from kollage.errors import Interrupted, KollageError
from kollage.results import Result, Status
from kollage.steps import Lane, Plan, Step

Run = Callable[[Step], Result]


def execute(plan: Plan, run: Run, slots: Mapping[Lane, int]) -> Iterator[Result]:
    """Yield the result of every step as it ends, of each lane at most as many at a time as it has slots.

    `run` may raise `KollageError`, which becomes a failed result. On an interrupt, and when the iterator is closed
    early or `run` raises anything else, every running command is ended.
    """
    queue = Queue(plan)
    running: dict[Future[Result], str] = {}
    failed: dict[str, str] = {}
    free = dict(slots)
    with ThreadPoolExecutor(sum(slots.values()), thread_name_prefix="step") as pool, _commands_ended():
        while True:
            for name in queue.take(free):
                free[plan.steps[name].lane] -= 1
                running[pool.submit(_guarded, run, plan.steps[name])] = name
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name, result = running.pop(future), future.result()
                free[plan.steps[name].lane] += 1
                queue.ended(name, well=result.ok)
                failed |= {} if result.ok else {name: result.image}
                yield result
    yield from blocked(queue.waiting, failed)


class Queue:
    """The steps that have not ended, and which of them may begin."""

    def __init__(self, plan: Plan) -> None:
        self.waiting = dict(plan.steps)
        self._order = TopologicalSorter({name: step.needs for name, step in plan.steps.items()})
        self._order.prepare()
        self._ready: dict[Lane, list[tuple[float, str]]] = {lane: [] for lane in Lane}

    def take(self, free: Mapping[Lane, int]) -> list[str]:
        """The steps that may begin on the free slots, in each lane the longest path first."""
        for name in self._order.get_ready():
            heappush(self._ready[self.waiting[name].lane], (-self.waiting[name].priority, name))
        return [
            heappop(ready)[1] for lane, ready in self._ready.items() for _ in range(min(free.get(lane, 0), len(ready)))
        ]

    def ended(self, name: str, *, well: bool) -> None:
        """Release what waited for a step, if it ended well."""
        del self.waiting[name]
        if well:
            self._order.done(name)


@contextmanager
def _commands_ended() -> Iterator[None]:
    """End every running command when the block is left by an exception: leaving the pool would wait for them."""
    try:
        yield
    except BaseException:
        process.end_all()
        raise


def cancelled(plan: Plan, results: list[Result]) -> Iterator[Result]:
    """The results of the steps that an interrupt left without one."""
    ended = {result.step for result in results}
    for name, step in plan.steps.items():
        if name not in ended:
            yield Result(step=name, image=step.image, status=Status.CANCELLED, reason="interrupted")


def _guarded(run: Run, step: Step) -> Result:
    try:
        return run(step)
    except Interrupted as error:
        return Result(step=step.id, image=step.image, status=Status.CANCELLED, reason=error.message)
    except KollageError as error:
        return Result(step=step.id, image=step.image, status=Status.FAILED, reason=error.message)


def blocked(waiting: Mapping[str, Step], failed: Mapping[str, str]) -> Iterator[Result]:
    """The results of the steps that were never released; `failed` is the image of each step that failed."""
    culprits = dict(failed)
    for name, step in waiting.items():
        culprit = next(culprits[need] for need in step.needs if need in culprits)
        culprits[name] = culprit
        yield Result(step=name, image=step.image, status=Status.BLOCKED, reason=f"{culprit} failed")
