"""What a worker has and a step needs, in Dask's own words: resources, which are names with numbers.

What is used up has as much as there is of it: slots of each lane, and disk in GB. What only has to be there has
more than anybody takes: a platform, an engine, a version of Kollage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kollage import __version__
from kollage.steps import Action, Lane, Step

_ENOUGH = 1e6
_DISK = 2.0  # GB that a build needs
_KOLLAGE = "kollage "


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """A worker as the scheduler knows it."""

    name: str
    takes: bool  # whether it takes steps now: not while its disk is full
    resources: Mapping[str, float]

    @property
    def version(self) -> str:
        """The version of Kollage that it has; "" for a worker of somebody else."""
        return next((name.removeprefix(_KOLLAGE) for name in self.resources if name.startswith(_KOLLAGE)), "")


def offered(slots: Mapping[Lane, int], platforms: Iterable[str], engine: str, free: int) -> dict[str, float]:
    """What a worker has; `free` is in bytes."""
    there = [f"{_KOLLAGE}{__version__}", f"engine {engine}", *(f"platform {each}" for each in platforms)]
    return {
        **{lane.value: float(count) for lane, count in slots.items()},
        "disk": free / 1e9,
        **dict.fromkeys(there, _ENOUGH),
    }


def needed(step: Step, platform: str, engine: str) -> dict[str, float]:
    """What a step takes of a worker; `engine` is `auto` where any will do."""
    wanted = {step.lane.value: 1.0, f"{_KOLLAGE}{__version__}": 1.0}
    if step.lane is not Lane.PUSH:  # which is a name in the registry, and anybody can give it
        wanted[f"platform {platform}"] = 1.0
        wanted |= {f"engine {engine}": 1.0} if engine != "auto" else {}
    if step.decision.action in {Action.BUILD, Action.BOOTSTRAP}:
        wanted["disk"] = _DISK
    return wanted


def of_workers(info: Mapping[str, Any]) -> Mapping[str, Labels]:
    """The workers of a scheduler, by address."""
    return {
        address: Labels(
            name=str(facts.get("name", address)),
            takes=facts.get("status") == "running",
            resources=dict(facts.get("resources") or {}),
        )
        for address, facts in info.get("workers", {}).items()
    }


def lacking(wanted: Mapping[str, float], workers: Iterable[Labels]) -> str:
    """What keeps every worker from taking such a step, in words; "" where one can."""
    known = list(workers)
    if any(each.takes and _has(each, wanted) for each in known):
        return ""
    if not known:
        return "there is no worker"
    full = [each.name for each in known if _has(each, wanted)]
    if full:
        return f"{', '.join(full)} takes nothing now"
    others = {name for name in wanted if not any(_has(each, {name: wanted[name]}) for each in known)}
    versions = {each.version or "no Kollage" for each in known} - {__version__}
    if any(name.startswith(_KOLLAGE) for name in others):
        return f"this is Kollage {__version__}, and the workers have {', '.join(sorted(versions))}"
    return f"no worker has {', '.join(sorted(others))}" if others else "no worker has all of it at once"


def _has(worker: Labels, wanted: Mapping[str, float]) -> bool:
    return all(worker.resources.get(name, 0) >= count for name, count in wanted.items())
