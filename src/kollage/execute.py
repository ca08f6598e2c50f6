"""Run a plan on slots: the only module that knows threads.

A step is released when everything it needs has ended well. A step whose need failed is never released and ends as
blocked. Ready steps are taken in order of the longest path behind them.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from kollage import process
from kollage.errors import Interrupted, KollageError
from kollage.plan import Plan, Step
from kollage.results import Result, Status

Run = Callable[[Step], Result]


def execute(plan: Plan, run: Run, slots: int) -> Iterator[Result]:
    """Yield the result of every step as it ends, on at most `slots` at a time.

    `run` may raise `KollageError`, which becomes a failed result. On an interrupt, and when the iterator is closed
    early or `run` raises anything else, every running command is ended.
    """
    order = TopologicalSorter({name: step.needs for name, step in plan.steps.items()})
    order.prepare()
    waiting = dict(plan.steps)
    ready: list[tuple[float, str]] = []
    running: dict[Future[Result], str] = {}
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(slots, thread_name_prefix="step") as pool:
        try:
            while True:
                for name in order.get_ready():
                    heappush(ready, (-plan.steps[name].priority, name))
                while ready and len(running) < slots:
                    name = heappop(ready)[1]
                    running[pool.submit(_guarded, run, plan.steps[name])] = name
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name, result = running.pop(future), future.result()
                    del waiting[name]
                    if result.ok:
                        order.done(name)
                    else:
                        failed[name] = result.image
                    yield result
        except BaseException:  # leaving the pool waits for what runs in it
            process.end_all()
            raise
    yield from _blocked(waiting, failed)


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


def _blocked(waiting: Mapping[str, Step], failed: Mapping[str, str]) -> Iterator[Result]:
    culprits = dict(failed)
    for name, step in waiting.items():
        culprit = next(culprits[need] for need in step.needs if need in culprits)
        culprits[name] = culprit
        yield Result(step=name, image=step.image, status=Status.BLOCKED, reason=f"{culprit} failed")
