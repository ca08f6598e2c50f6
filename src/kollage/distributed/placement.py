"""Which free host takes which step that is ready: what Dask cannot know, for it does not see layers.

Who holds what a step stands on takes it: first what cannot wait, then what few others could take, the longest remaining
path first. A host that has nothing of that kind pulls an image, and takes what stands on it, where that pays: it has
to come sooner than who holds the image, and the bytes have to be worth it. What may be pulled is a share of all layers
of the plan, spread over the work that is left: so much work on an image, for each of the hosts that would have it,
allows so many bytes. A step whose path takes as long as all that is left may spend more of it; one that would wait far
longer than that is taken whatever is pulled. All of it is values: the simulation in benchmarks/scale.py asks the same
code.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from kollage.steps import Plan

_CABLE = 125e6  # bytes a second: one gigabit, which is what hosts have at least
_SHARE = 0.1  # of the bytes of all layers: what may be pulled
_TRIFLE = 5e8  # bytes that any plan may pull: seconds of a cable
_SPREAD = 0.8  # of what may be pulled: what is spread over all work; the rest is for what cannot wait
_LONG = 60.0  # seconds that a step may wait beyond what all that is left takes, to save a pull
_PACKED = 0.38  # a layer as it travels, of its size in a store
_LEAST = 1e5  # bytes of a layer
_USUAL = 1e8  # bytes of one of which nothing is known

_Entry = tuple[float, int, str]  # minus the path, the order of coming, the step


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a step means for whoever takes it: seconds, and bytes as they travel."""

    kind: str  # which hosts can take it
    seconds: float
    path: float  # seconds of the longest path that begins with it
    layer: float  # bytes that it adds to what it stands on
    parent: str = ""  # the step that makes what it stands on; "": it is in the registry, or nothing


@dataclass(slots=True)
class _Host:
    slots: int
    kinds: Collection[str]
    free: int
    holds: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Family:
    """The steps that are ready and stand on one image, or on nothing: who can take one of them can take all."""

    kind: str
    parent: str
    queue: list[_Entry] = field(default_factory=list)  # a heap, which still has steps that were withdrawn
    seconds: float = 0.0  # of those that are ready

    @property
    def first(self) -> str:
        """The step with the longest path."""
        return self.queue[0][2]

    @property
    def path(self) -> float:
        """The longest path, in seconds."""
        return -self.queue[0][0]


class Placement:
    """The hosts with what they hold, and the steps that are ready."""

    def __init__(self, loads: Mapping[str, Load]) -> None:
        self._loads = loads
        self._hosts: dict[str, _Host] = {}
        self._families: dict[tuple[str, str], _Family] = {}  # those of which something is ready
        self._open: list[_Family] | None = None  # see `_opened`
        self._places = count()
        self._rest = _Rest(loads)
        self._ready: set[str] = set()

    def joined(self, name: str, slots: int, kinds: Collection[str]) -> None:
        """Know of a host, which holds nothing yet; one that is known stays as it is."""
        if name not in self._hosts:
            self._hosts[name] = _Host(slots, kinds, slots)
            self._rest.able.update(dict.fromkeys(kinds, slots))

    def left(self, name: str) -> None:
        """Forget a host; what is ready waits for others."""
        host = self._hosts.pop(name)
        self._rest.able.subtract(dict.fromkeys(host.kinds, host.slots))
        self._rest.holders.subtract(host.holds)
        self._rest.holding.subtract(dict.fromkeys(host.holds, host.slots))

    def hosts(self) -> Collection[str]:
        """The hosts that are known."""
        return self._hosts.keys()

    def ready(self) -> Collection[str]:
        """The steps that nobody has taken yet."""
        return self._ready

    def release(self, step: str) -> None:
        """Let a step be taken; one that was taken may come again."""
        load = self._loads[step]
        family = self._families.setdefault((load.kind, load.parent), _Family(load.kind, load.parent))
        heappush(family.queue, (-load.path, next(self._places), step))
        family.seconds += load.seconds
        self._ready.add(step)
        self._rest.add(step)

    def withdraw(self, step: str) -> None:
        """Take back a step that nobody has taken."""
        load = self._loads[step]
        self._ready.remove(step)
        self._rest.remove(step)
        family = self._families[load.kind, load.parent]
        family.seconds -= load.seconds
        while family.queue and family.queue[0][2] not in self._ready:
            heappop(family.queue)
        if not family.queue:
            del self._families[load.kind, load.parent]

    def assigned(self) -> Iterator[tuple[str, str, float]]:
        """Fill free slots, and say which host takes which step, and how many bytes it has to pull for it."""
        for choose in (self._own, self._other):
            self._open = None
            yield from self._filled(choose)

    def _filled(self, choose: Callable[[_Host], _Family | None]) -> Iterator[tuple[str, str, float]]:
        """Give each host a step in turn, the freest first, so that they share what there is."""
        names = self._freest(self._hosts)
        while names:
            took = []
            for name in names:
                if family := choose(self._hosts[name]):
                    took.append(name)
                    yield name, *self._take(self._hosts[name], family.first)
            names = self._freest(took)

    def _freest(self, names: Iterable[str]) -> list[str]:
        free = {name: self._hosts[name].free for name in names}
        return sorted((name for name in free if free[name] > 0), key=lambda name: -free[name])

    def ended(self, name: str) -> None:
        """Have the slot back that a host had for a step."""
        if host := self._hosts.get(name):
            host.free += 1

    def holds(self, name: str, step: str) -> None:
        """Know that a host has an image, and so all that it stands on."""
        if host := self._hosts.get(name):
            self._give(host, [step, *self._rest.below(step)])

    def _take(self, host: _Host, step: str) -> tuple[str, float]:
        missing = self._missing(host, step)
        self.withdraw(step)
        self._rest.purse -= missing
        self._give(host, self._rest.below(step))
        self._open = None
        host.free -= 1
        return step, missing

    def _give(self, host: _Host, images: Collection[str]) -> None:
        new = set(images) - host.holds
        host.holds |= new
        self._rest.holders.update(new)
        self._rest.holding.update(dict.fromkeys(new, host.slots))

    def _own(self, host: _Host) -> _Family | None:
        """The steps whose parent a host holds of which it takes one; None if there is none."""
        held = [family for family in self._families.values() if family.parent in host.holds]
        return min(held, key=self._precedence, default=None)

    def _precedence(self, family: _Family) -> tuple[int, float]:
        return 0 if self._is_urgent(family) else self._rest.holders[family.parent], -family.path

    def _other(self, host: _Host) -> _Family | None:
        """The steps of others of which it pays that this host takes one; None if it does not."""
        paying = [family for family in self._opened() if family.kind in host.kinds and self._pays(host, family)]
        return min(paying, key=lambda family: self._price(host, family), default=None)

    def _price(self, host: _Host, family: _Family) -> tuple[float, float]:
        """Bytes, and of those that cost the same, less for what more is left of."""
        lacking = self._lacking(host, family.first)
        return self._missing(host, family.first), -min(map(self._rest.gain, lacking), default=0.0)

    def _opened(self) -> list[_Family]:
        """The families of which hosts that lack the parent may take something: most have none, whoever asks."""
        if self._open is None:
            self._open = [family for family in self._families.values() if self._is_open(family)]
        return self._open

    def _is_open(self, family: _Family) -> bool:
        return (
            self._is_nobodys(family)
            or self._rest.is_worth_it(family.parent)
            or self._is_urgent(family)
            or self._waits_long(family)
        )

    def _pays(self, host: _Host, family: _Family) -> bool:
        if self._is_nobodys(family):
            return True
        missing = self._missing(host, family.first)
        if self._waits(family) <= missing / _CABLE:
            return False
        if self._waits_long(family):
            return True
        return missing <= self._rest.purse and (
            self._is_urgent(family) or all(map(self._rest.is_worth_it, self._lacking(host, family.first)))
        )

    def _is_nobodys(self, family: _Family) -> bool:
        return not self._rest.holders[family.parent]

    def _is_urgent(self, family: _Family) -> bool:
        return family.path >= self._rest.time(family.kind)

    def _waits_long(self, family: _Family) -> bool:
        return self._waits(family) > self._rest.time(family.kind) + _LONG

    def _waits(self, family: _Family) -> float:
        """Seconds until all of a family is taken by who holds its parent."""
        return family.seconds / max(self._rest.holding[family.parent], 1)

    def _missing(self, host: _Host, step: str) -> float:
        return sum(self._loads[image].layer for image in self._lacking(host, step))

    def _lacking(self, host: _Host, step: str) -> list[str]:
        return [image for image in self._rest.below(step) if image not in host.holds]


class _Rest:
    """What is left of the work and of the bytes that may be pulled, and how many are there for it."""

    def __init__(self, loads: Mapping[str, Load]) -> None:
        self._loads = loads
        self.holders = Counter[str]()  # the hosts that have an image
        self.holding = Counter[str]()  # their slots
        self.able = Counter[str]()  # the slots that can take a kind
        self.purse = max(_SHARE * sum(load.layer for load in loads.values()), _TRIFLE)  # bytes that may be pulled
        self._on = dict.fromkeys(loads, 0.0)  # seconds of the steps that stand on an image, and nobody has taken
        self._of = dict.fromkeys((load.kind for load in loads.values()), 0.0)  # of a kind
        self._counted: set[str] = set()
        for step in loads:
            self.add(step)

    def below(self, step: str) -> list[str]:
        """All that a step stands on, as far as this plan makes it."""
        found = []
        while step := self._loads[step].parent:
            found.append(step)
        return found

    def add(self, step: str) -> None:
        """Know of a step that nobody has taken."""
        if step not in self._counted:
            self._counted.add(step)
            self._change(step, self._loads[step].seconds)

    def remove(self, step: str) -> None:
        """Know that a step was taken."""
        self._counted.remove(step)
        self._change(step, -self._loads[step].seconds)

    def _change(self, step: str, seconds: float) -> None:
        self._of[self._loads[step].kind] += seconds
        for image in self.below(step):
            self._on[image] += seconds

    def time(self, kind: str) -> float:
        """Seconds that all that is left of a kind takes, if nobody waits."""
        return self._of[kind] / max(self.able[kind], 1)

    def gain(self, image: str) -> float:
        """Seconds of work for each byte of an image, for a host that pulls it and takes its part of what is left."""
        return self._on[image] / (self.holders[image] + 1) / max(self._loads[image].layer, 1.0)

    def is_worth_it(self, image: str) -> bool:
        """Whether the work on an image allows its bytes, as the bytes that may be pulled are spread over all work."""
        return _SPREAD * self.purse * self.gain(image) >= sum(self._of.values())


def loads(plan: Plan, kinds: Mapping[str, str], sizes: Mapping[str, int]) -> Mapping[str, Load]:
    """The loads of the steps that make images. `kinds` are those steps, `sizes` what is known of whole images."""
    made = {name: plan.steps[name] for name in kinds}
    found: dict[str, Load] = {}
    longest = dict.fromkeys(made, 0.0)
    for name, step in reversed(list(made.items())):  # children come after their parents
        parent = next((need for need in step.needs if need in made), "")
        if parent:
            longest[parent] = max(longest[parent], step.priority)
        found[name] = Load(
            kind=kinds[name],
            seconds=max(step.priority - longest[name], 0.0),
            path=step.priority,
            layer=_PACKED * max(sizes.get(name, 0) - sizes.get(parent, 0), _LEAST if name in sizes else _USUAL),
            parent=parent,
        )
    return found
