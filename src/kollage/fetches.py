"""The steps that fetch sources ahead, while other images build: in a lane of their own, where one is not here yet."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from kollage.sources import Pin
from kollage.steps import Action, Decision, Lane, Plan, Step


def with_fetches(plan: Plan, pins: Mapping[str, Mapping[str, tuple[Pin, ...]]], is_here: Callable[[Pin], bool]) -> Plan:
    """The plan with a fetch before every build whose sources are not all here."""
    missing = {
        step.id: [pin for pinned in pins[step.image].values() for pin in pinned if not is_here(pin)]
        for step in plan.steps.values()
        if step.decision.action is Action.BUILD and step.image in pins
    }
    steps: dict[str, Step] = {}
    for name, step in plan.steps.items():
        ahead = _fetch(step, missing[name]) if missing.get(name) else None
        steps |= {ahead.id: ahead} if ahead else {}
        steps[name] = replace(step, needs=(*step.needs, ahead.id)) if ahead else step
    return Plan(steps=MappingProxyType(steps))


def _fetch(build: Step, missing: list[Pin]) -> Step:
    """The step before a build; it needs nothing, and goes first where much waits behind the build."""
    names = ", ".join(dict.fromkeys(pin.identity.partition("#")[0] for pin in missing))
    decision = Decision(action=Action.FETCH, reason=f"not here yet: {names}")
    return replace(build, id=f"fetch:{build.image}", decision=decision, needs=(), lane=Lane.FETCH)
