"""How long a plan will take and what it will add: the plan run on its slots, on paper."""

from collections.abc import Callable, Mapping
from heapq import heappop, heappush

from kollage.catalogue import Catalogue
from kollage.execute import Queue
from kollage.history import Before
from kollage.history.estimate import expected
from kollage.options import Options
from kollage.report import Outlook, PlanRow
from kollage.steps import Action, Lane, Plan, Step

_WORK = frozenset({Action.BOOTSTRAP, Action.BUILD, Action.PULL, Action.PUSH, Action.START, Action.VERIFY, Action.FETCH})
_MADE = frozenset({Action.BOOTSTRAP, Action.BUILD})

Seconds = Callable[[Step], float]


def slots(options: Options) -> Mapping[Lane, int]:
    """How many steps of each lane run at once."""
    return {
        Lane.BUILD: options.threads,
        Lane.PUSH: options.push_threads,
        Lane.VERIFY: options.verify_threads,
        Lane.FETCH: options.fetch_threads,
    }


def told(
    plan: Plan, before: Mapping[str, Before], catalogue: Catalogue, options: Options
) -> tuple[list[PlanRow], Outlook]:
    """A plan step by step and as a whole, for who asks before it is carried out."""

    def seconds(step: Step) -> float:
        image = catalogue.images.get(step.image) if step.decision.action is Action.BUILD else None
        return expected(step.id, before, image, options.base) if _is_work(step) else 0.0

    rows = [
        PlanRow(
            step=step.id,
            image=step.image,
            action=step.decision.action.value,
            reason=step.decision.reason,
            seconds_last=_last(step, before),
            seconds_estimate=seconds(step) if _is_work(step) else None,
        )
        for step in plan.steps.values()
    ]
    return rows, outlook(plan, slots(options), seconds, before)


def outlook(plan: Plan, free: Mapping[Lane, int], seconds: Seconds, before: Mapping[str, Before]) -> Outlook:
    """What is expected of a plan, if every step takes its seconds. `before` knows sizes, by the id of the step."""
    made = [step for step in plan.steps.values() if step.decision.action in _MADE]
    sizes = [_own_size(step, before) for step in made]
    return Outlook(
        seconds=_makespan(plan, free, seconds),
        work=sum(map(seconds, plan.steps.values())),
        size=sum(size for size in sizes if size is not None),
        unknown=sizes.count(None),
    )


def _last(step: Step, before: Mapping[str, Before]) -> float | None:
    times = before[step.id].seconds if _is_work(step) and step.id in before else ()
    return times[0] if times else None


def _is_work(step: Step) -> bool:
    """Whether a step takes its time: one that reuses or leaves an image as it is takes none."""
    return step.decision.action in _WORK


def _makespan(plan: Plan, free: Mapping[Lane, int], seconds: Seconds) -> float:
    """When the last step ends, where steps begin in the order in which a run begins them."""
    queue, left, now = Queue(plan), dict(free), 0.0
    running: list[tuple[float, str]] = []
    while True:
        for name in queue.take(left):
            step = plan.steps[name]
            left[step.lane] -= 1
            heappush(running, (now + seconds(step), name))
        if not running:
            return now
        now, name = heappop(running)
        left[plan.steps[name].lane] += 1
        queue.ended(name, well=True)


def _own_size(step: Step, before: Mapping[str, Before]) -> int | None:
    """The bytes that an image has beside its parent's; None where one of the two is not remembered."""
    whole = _size(step.id, before)
    parents = [_size(need, before) for need in step.needs if not need.startswith("fetch:")]
    if whole is None or None in parents:
        return None
    return max(whole - sum(size or 0 for size in parents), 0)


def _size(step: str, before: Mapping[str, Before]) -> int | None:
    return (before[step].size or None) if step in before else None
