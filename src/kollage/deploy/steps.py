"""What has to be done until a cloud runs, in order and with reasons. Nothing here acts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from kollage.deploy.cloud import Cloud
from kollage.deploy.runner import Found
from kollage.steps import Action, Decision, Lane, Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The way from what is there to a cloud that runs."""

    plan: Plan  # a step for every container that has to be started, and seen healthy or ended
    outdated: tuple[str, ...]  # containers to remove, those that need others first
    missing: tuple[str, ...]  # containers to make


def course(cloud: Cloud, found: Mapping[str, Found], done: Mapping[str, str]) -> Course:
    """Compare what is there with what is wanted.

    `done` has of each job the digest with which it ended well, and of each service the start after which it was seen
    healthy.
    """
    steps: dict[str, Step] = {}
    outdated = [name for name in found if name not in cloud.parts]
    for name, part in cloud.parts.items():
        reason = _reason(name, cloud, found.get(name), done.get(name, ""))
        if not reason:
            continue
        if name in found and (found[name].digest != part.digest or part.unit.once or found[name].lost):
            outdated.append(name)
        steps[name] = Step(
            id=f"start:{name}",
            image=name,
            decision=Decision(action=Action.START, reason=reason),
            identity=part.digest,
            reference=part.reference,
            lane=Lane.BUILD,
        )
    ordered = {
        name: replace(step, needs=tuple(f"start:{need}" for need in _needs(name, cloud, steps)))
        for name, step in steps.items()
    }
    return Course(
        plan=Plan(steps=MappingProxyType({step.id: step for step in _weighed(ordered)})),
        outdated=tuple(_last_first(outdated, cloud)),
        missing=tuple(name for name in steps if name not in found or name in outdated),
    )


def _reason(name: str, cloud: Cloud, found: Found | None, done: str) -> str:
    """Why something is to be done about a unit; "" where all is well."""
    part = cloud.parts[name]
    if part.unit.once:
        return "" if done == part.digest else "it has something else to do" if done else "it has not been done"
    if found is None:
        return "it is not there"
    if found.digest != part.digest:
        return "its image or its configuration is another one"
    if not found.running:
        return "it does not run"
    return "" if done == found.since else "it has not been seen well since its start"


def _needs(name: str, cloud: Cloud, steps: Mapping[str, Step]) -> Iterable[str]:
    """What of the steps has to end before; through units that are well already, too."""
    seen: set[str] = set()
    waiting = list(cloud.parts[name].unit.needs)
    while waiting:
        need = waiting.pop()
        if need in seen:
            continue
        seen.add(need)
        waiting += [] if need in steps else cloud.parts[need].unit.needs
    return sorted(need for need in seen if need in steps)


def _weighed(steps: Mapping[str, Step]) -> Iterable[Step]:
    """The steps with the length of the longest path behind each: what more waits for goes first."""
    behind = dict.fromkeys(steps, 1.0)
    for name in reversed(list(steps)):
        for need in steps[name].needs:
            before = need.removeprefix("start:")
            behind[before] = max(behind[before], behind[name] + 1)
    return [replace(step, priority=behind[name]) for name, step in steps.items()]


def _last_first(names: Iterable[str], cloud: Cloud) -> list[str]:
    order = {name: number for number, name in enumerate(cloud.parts)}
    return sorted(names, key=lambda name: -order.get(name, len(order)))
