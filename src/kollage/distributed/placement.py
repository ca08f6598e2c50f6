"""Which free host takes which step that is ready: what Dask cannot know, for it does not see layers.

Who holds what a step stands on takes it, the longest remaining path first. A host that has nothing of that kind takes a
step of others if that pays: it would wait longer there than the pull takes here, and much stands on it, its path is
long, or it would wait very long. Of those it takes the one for which the least has to be pulled. All of it is values:
the simulation in benchmarks/scale.py asks the same code.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, nsmallest
from itertools import count

from kollage.plan import Plan

_CABLE = 125e6  # bytes a second: one gigabit, which is what hosts have at least
_SHARE = 0.1  # of the bytes that stand on a step: what may be pulled for it at once
_NEAR = 0.25  # of the longest path of all: a step with such a path may not wait
_LONG = 240.0  # seconds of waiting after which a step is taken elsewhere, whatever has to be pulled
_PACKED = 0.38  # a layer as it travels, of its size in a store
_LEAST = 1e5  # bytes of a layer
_USUAL = 1e8  # bytes of one of which nothing is known
_LOOKS = 100  # steps of others that an idle host looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a step means for whoever takes it: seconds, and bytes as they travel."""

    kind: str  # which hosts can take it
    seconds: float
    path: float  # seconds of the longest path that begins with it
    layer: float  # bytes that it adds to what it stands on
    behind: float  # bytes of its layer and of all that stand on it
    parent: str = ""  # the step that makes what it stands on; "": it is in the registry, or nothing


@dataclass(slots=True)
class _Host:
    slots: int
    kinds: Collection[str]
    free: int
    holds: set[str] = field(default_factory=set)
    ready: list[tuple[float, int, str]] = field(default_factory=list)  # whose parent it holds
    backlog: float = 0.0  # seconds of those


class Placement:
    """The hosts with what they hold, and the steps that are ready."""

    def __init__(self, loads: Mapping[str, Load]) -> None:
        self._loads = loads
        self._longest = max((load.path for load in loads.values()), default=0.0)
        self._hosts: dict[str, _Host] = {}
        self._ready: dict[str, list[tuple[float, int, str]]] = {}
        self._holders: dict[str, list[_Host]] = {}  # of each ready step
        self._places = count()

    def joined(self, name: str, slots: int, kinds: Collection[str]) -> None:
        """Know of a host, which holds nothing yet; one that is known stays as it is."""
        self._hosts.setdefault(name, _Host(slots, kinds, slots))

    def left(self, name: str) -> None:
        """Forget a host; what is ready waits for others."""
        host = self._hosts.pop(name)
        for step, holders in self._holders.items():
            self._holders[step] = [holder for holder in holders if holder is not host]

    def hosts(self) -> Collection[str]:
        """The hosts that are known."""
        return self._hosts.keys()

    def ready(self) -> Collection[str]:
        """The steps that nobody has taken yet."""
        return self._holders.keys()

    def release(self, step: str) -> None:
        """Let a step be taken: it waits at everyone who holds its parent."""
        load = self._loads[step]
        entry = (-load.path, next(self._places), step)
        self._holders[step] = [host for host in self._hosts.values() if load.parent in host.holds]
        heappush(self._ready.setdefault(load.kind, []), entry)
        for host in self._holders[step]:
            heappush(host.ready, entry)
            host.backlog += load.seconds

    def withdraw(self, step: str) -> None:
        """Take back a step that nobody has taken."""
        for holder in self._holders.pop(step):
            holder.backlog -= self._loads[step].seconds

    def assigned(self) -> Iterator[tuple[str, str, float]]:
        """Fill free slots, and say which host takes which step, and how many bytes it has to pull for it."""
        for choose in (self._own, self._other):
            for name, host in sorted(self._hosts.items(), key=lambda item: -item[1].free):
                while host.free > 0 and (step := choose(host)):
                    missing = self._missing(host, step)
                    self._take(host, step)
                    yield name, step, missing

    def ended(self, name: str) -> None:
        """Have the slot back that a host had for a step."""
        if host := self._hosts.get(name):
            host.free += 1

    def holds(self, name: str, step: str) -> None:
        """Know that a host has an image, and so all that it stands on."""
        if host := self._hosts.get(name):
            host.holds.update(self._below(step), (step,))

    def _take(self, host: _Host, step: str) -> None:
        self.withdraw(step)
        host.free -= 1
        host.holds.update(self._below(step))

    def _own(self, host: _Host) -> str:
        while host.ready:
            step = heappop(host.ready)[2]
            if step in self._holders:
                return step
        return ""

    def _other(self, host: _Host) -> str:
        found = ""
        least = float("inf")
        for kind in host.kinds:
            for _, _, step in self._first(kind):
                missing = self._missing(host, step)
                if missing < least and self._pays(missing, step):
                    found, least = step, missing
        return found

    def _first(self, kind: str) -> list[tuple[float, int, str]]:
        """The ready steps of a kind with the longest paths; what was taken is forgotten on the way."""
        queue = self._ready.get(kind, [])
        if len(queue) > 2 * _LOOKS or (queue and queue[0][2] not in self._holders):
            queue[:] = [entry for entry in queue if entry[2] in self._holders]
            heapify(queue)
        return [entry for entry in nsmallest(_LOOKS, queue) if entry[2] in self._holders]

    def _pays(self, missing: float, step: str) -> bool:
        waits = min((host.backlog / host.slots for host in self._holders[step]), default=float("inf"))
        urgent = self._loads[step].path >= _NEAR * self._longest
        much = urgent or missing <= _SHARE * self._loads[step].behind or waits > _LONG
        return waits == float("inf") or (waits > missing / _CABLE and much)

    def _missing(self, host: _Host, step: str) -> float:
        return sum(self._loads[below].layer for below in self._below(step) if below not in host.holds)

    def _below(self, step: str) -> Iterator[str]:
        """All that a step stands on, as far as this plan makes it."""
        while step := self._loads[step].parent:
            yield step


def loads(plan: Plan, kinds: Mapping[str, str], sizes: Mapping[str, int]) -> Mapping[str, Load]:
    """The loads of the steps that make images. `kinds` are those steps, `sizes` what is known of whole images."""
    made = {name: plan.steps[name] for name in kinds}
    found: dict[str, Load] = {}
    longest, behind = dict.fromkeys(made, 0.0), dict.fromkeys(made, 0.0)
    for name, step in reversed(list(made.items())):  # children come after their parents
        parent = next((need for need in step.needs if need in made), "")
        layer = _PACKED * max(sizes.get(name, 0) - sizes.get(parent, 0), _LEAST if name in sizes else _USUAL)
        behind[name] += layer
        if parent:
            longest[parent] = max(longest[parent], step.priority)
            behind[parent] += behind[name]
        found[name] = Load(
            kind=kinds[name],
            seconds=max(step.priority - longest[name], 0.0),
            path=step.priority,
            layer=layer,
            behind=behind[name],
            parent=parent,
        )
    return found
