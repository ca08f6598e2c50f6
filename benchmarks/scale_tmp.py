"""How far do more build hosts carry? Computed: Kolla's 187 images, 3 bases, 2 architectures, 3 releases, 1 to 64 hosts.

`measured.json` holds what images of Kollage's catalogue took and weigh on one machine (two cores, several at a time);
an image that was not measured takes what a measured one of its kind takes, drawn once by its name: one that others
stand on, or one that nothing stands on. Every base, architecture and release has the same. Half of the hosts are of
each architecture; the one host alone is taken to be of both.

A host has slots, and pulls what an image stands on before it builds, pushes what it built, at the speed of its cable or
of its share of the registry's, whichever is less; the slot waits for both. Steps go as in a run: who holds the parent
takes its children first, the longest remaining path first; who has nothing to do takes the longest path of all that
would have to wait longer for its holder than the pull takes. No order can be quicker than the lower bound: the work over the slots of its architecture, or the longest path.

`--real` measures what Dask adds to a step, on this machine with sleeping builds, and how near the real scheduler comes
to what is computed here.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import heappop, heappush
from itertools import count, product
from pathlib import Path
from statistics import mean

FOLDER = Path(__file__).parent
HOSTS = (1, 2, 4, 8, 16, 32, 64)
BASES = ("debian", "ubuntu", "rocky")
ARCHITECTURES = ("amd64", "arm64")
RELEASES = ("2026.1", "2026.2", "master")
SLOTS = 4
CABLE = 125e6  # bytes a second of a host: one gigabit
REGISTRY = 1250e6  # of the registry: ten
PACKED = 0.38  # a layer's size as it travels, compressed
SHARE = 0.03
WAIT = 600
LOOKS = 100  # steps that an idle host looks at
TARGETS = {8: 0.90, 32: 0.75}
MOST_MOVED = 1.1

Name = tuple[str, str, str, str]  # base, architecture, release, image


@dataclass(frozen=True, slots=True)
class Work:
    """What is to build: for each image its parent, its seconds, the bytes of its own layer and the path behind it."""

    parents: Mapping[Name, Name | None]
    seconds: Mapping[Name, float]
    layers: Mapping[Name, float]
    paths: Mapping[Name, float]
    children: Mapping[Name | None, list[Name]]
    behind: Mapping[Name, float]  # bytes of its layer and of all that stand on it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a simulation."""

    time: float  # seconds
    bound: float
    pushed: float  # bytes
    pulled: float
    idle: float  # share of all slots' time

    @property
    def efficiency(self) -> float:
        return self.bound / self.time


@dataclass(slots=True)
class Host:
    """A build host in the simulation."""

    architectures: tuple[str, ...]
    free: int = SLOTS
    holds: set[Name] = field(default_factory=set)
    ready: list[tuple[float, int, Name]] = field(default_factory=list)  # whose parent it holds
    backlog: float = 0.0  # seconds of those


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--real", action="store_true", help="measure Dask itself, too")
    options = asked.parse_args()
    print_simulation()
    if options.real:
        print_real()


def print_simulation() -> None:
    work = load()
    unique = sum(work.layers.values())
    print(
        f"{len(work.seconds)} images: {sum(work.seconds.values()) / 3600:.1f} h of work, the longest path takes"
        f" {max(work.paths.values()) / 60:.0f} min; {unique / 1e9:.0f} GB of layers as they travel;"
        f" {SLOTS} slots a host\n"
    )
    print("| hosts |   hours | lower bound | efficiency | target | idle | pushed GB | pulled GB | moved / unique |")
    print("|------:|--------:|------------:|-----------:|:-------|-----:|----------:|----------:|---------------:|")
    before = None
    for hosts in HOSTS:
        found = simulated(work, hosts)
        moved = (found.pushed + found.pulled) / unique
        target = TARGETS.get(hosts)
        met = "" if target is None else f"{'yes' if found.efficiency >= target else 'NO'} {target:.0%}"
        print(
            f"| {hosts:5} | {found.time / 3600:7.2f} | {found.bound / 3600:11.2f} | {found.efficiency:10.1%} |"
            f" {met:6} | {found.idle:4.0%} | {found.pushed / 1e9:9.0f} | {found.pulled / 1e9:9.1f} | {moved:14.3f} |"
        )
        before = before or found
    print(f"\nmoved / unique: at most {MOST_MOVED} is wanted, for pushes and pulls together.")


def load() -> Work:
    """All images of all variants."""
    graph: dict[str, str | None] = json.loads((FOLDER / "kolla-graph.json").read_text(encoding="utf-8"))
    measured: dict[str, dict[str, float]] = json.loads((FOLDER / "measured.json").read_text(encoding="utf-8"))
    seconds = drawn(graph, measured, "seconds")
    whole = drawn(graph, measured, "bytes")
    layers = {name: own_layer(name, graph, measured, whole) for name in graph}
    variants = list(product(BASES, ARCHITECTURES, RELEASES))
    names = [(*variant, image) for variant in variants for image in graph]
    parents = {name: (*name[:3], parent) if (parent := graph[name[3]]) else None for name in names}
    children: dict[Name | None, list[Name]] = {}
    for name, parent in parents.items():
        children.setdefault(parent, []).append(name)
    times = {name: seconds[name[3]] for name in names}
    paths: dict[Name, float] = {}

    def path(name: Name) -> float:
        if name not in paths:
            paths[name] = times[name] + max(map(path, children.get(name, ())), default=0.0)
        return paths[name]

    travels = {name: layers[name[3]] * PACKED for name in names}
    behind: dict[Name, float] = {}

    def bytes_behind(name: Name) -> float:
        if name not in behind:
            behind[name] = travels[name] + sum(map(bytes_behind, children.get(name, ())))
        return behind[name]

    for name in names:
        path(name)
        bytes_behind(name)
    return Work(parents, times, travels, paths, children, behind)


def drawn(graph: Mapping[str, str | None], measured: Mapping[str, Mapping[str, float]], what: str) -> dict[str, float]:
    """A number for every image: its own where it was measured, else that of one of its kind."""
    stood_on = set(graph.values())
    kinds: dict[bool, list[float]] = {True: [], False: []}
    for name, facts in sorted(measured.items()):
        if what in facts and name in graph:
            kinds[name in stood_on].append(facts[what])

    def one(name: str) -> float:
        if what in measured.get(name, {}):
            return measured[name][what]
        known = kinds[name in stood_on]
        return known[int(sha256(name.encode()).hexdigest(), 16) % len(known)]

    return {name: one(name) for name in graph}


def own_layer(
    name: str, graph: Mapping[str, str | None], measured: Mapping[str, Mapping[str, float]], whole: Mapping[str, float]
) -> float:
    """The bytes that an image adds to its parent; where one of the two was not measured, what is usual."""
    parent = graph[name]
    if parent is None:
        return whole[name]
    if "bytes" in measured.get(name, {}) and "bytes" in measured.get(parent, {}):
        return max(whole[name] - whole[parent], 1e5)
    known = [
        max(measured[each]["bytes"] - measured[below]["bytes"], 1e5)
        for each, below in graph.items()
        if below and "bytes" in measured.get(each, {}) and "bytes" in measured.get(below, {})
    ]
    return sorted(known)[int(sha256(name.encode()).hexdigest(), 16) % len(known)]


class Farm:
    """Hosts at work, and what is ready for them."""

    def __init__(self, work: Work, number: int) -> None:
        self.work = work
        self.hosts = [Host(ARCHITECTURES if number == 1 else (ARCHITECTURES[place % 2],)) for place in range(number)]
        self.ready: dict[str, list[tuple[float, int, Name]]] = {each: [] for each in ARCHITECTURES}
        self.holders: dict[Name, list[Host]] = {}  # of what a ready step stands on
        self.places = count()

    def release(self, name: Name) -> None:
        """Let a step be taken: it waits at everyone who holds its parent."""
        entry = (-self.work.paths[name], next(self.places), name)
        self.holders[name] = [host for host in self.hosts if self.work.parents[name] in host.holds]
        heappush(self.ready[name[1]], entry)
        for host in self.holders[name]:
            heappush(host.ready, entry)
            host.backlog += self.work.seconds[name]

    def assigned(self) -> Iterator[tuple[Host, Name]]:
        """Give steps to free slots: to who holds the parent, then to whoever is idle and would be quicker."""
        for host in sorted(self.hosts, key=lambda each: -each.free):
            while host.free and (name := self._first(host.ready)):
                yield host, self._taken(host, name)
        for host in sorted(self.hosts, key=lambda each: -each.free):
            while host.free and (name := self._other(host)):
                yield host, self._taken(host, name)

    def missing(self, host: Host, name: Name) -> float:
        """The bytes that a host has to pull for a step."""
        below = line(self.work.parents, name)
        return sum(self.work.layers[each] for each in below if each not in host.holds)

    def _taken(self, host: Host, name: Name) -> Name:
        for holder in self.holders.pop(name):
            holder.backlog -= self.work.seconds[name]
        host.free -= 1
        return name

    def _first(self, queue: list[tuple[float, int, Name]]) -> Name | None:
        while queue:
            name = heappop(queue)[2]
            if name in self.holders:
                return name
        return None

    def _other(self, host: Host) -> Name | None:
        """A step of those who hold its parent that pays here: the one for which the least has to be pulled."""
        for each in host.architectures:
            looked: list[tuple[float, int, Name]] = []
            queue = self.ready[each]
            while queue and len(looked) < LOOKS:
                entry = heappop(queue)
                if entry[2] in self.holders:
                    looked.append(entry)
            for entry in looked:
                heappush(queue, entry)
            paying = [entry[2] for entry in looked if self._pays(host, entry[2])]
            if paying:
                return min(paying, key=lambda name: self.missing(host, name))  # of equals the longest path
        return None

    def _pays(self, host: Host, name: Name) -> bool:
        """Whether a step is worth what has to be pulled for it: much stands on it, or it would wait long."""
        missing, waits = self.missing(host, name), self._waits(name)
        if waits == float("inf"):
            return True
        return waits > missing / CABLE and (missing <= SHARE * self.work.behind[name] or waits > WAIT)

    def _waits(self, name: Name) -> float:
        """The seconds that a step has to wait for a slot of who holds its parent."""
        return min((host.backlog / SLOTS for host in self.holders[name]), default=float("inf"))


def simulated(work: Work, number: int) -> Outcome:
    """Run all work on so many hosts."""
    farm, places = Farm(work, number), count()
    running: list[tuple[float, int, Host, Name]] = []
    now = busy = pushed = pulled = 0.0
    for name in work.children[None]:
        farm.release(name)
    while True:
        for host, name in farm.assigned():
            brought = farm.missing(host, name)
            host.holds.update(line(work.parents, name), (name,))
            pulled += brought
            pushed += work.layers[name]
            speed = min(CABLE, REGISTRY / (len(running) + 1))
            ends = now + work.seconds[name] + (brought + work.layers[name]) / speed
            heappush(running, (ends, next(places), host, name))
            busy += work.seconds[name]
        if not running:
            break
        now, _, host, name = heappop(running)
        host.free += 1
        for child in work.children.get(name, ()):
            farm.release(child)
    return Outcome(now, bound(work, farm.hosts), pushed, pulled, 1 - busy / (now * SLOTS * number))


def line(parents: Mapping[Name, Name | None], name: Name) -> Iterator[Name]:
    """All that an image stands on."""
    while parent := parents[name]:
        yield parent
        name = parent


def bound(work: Work, hosts: list[Host]) -> float:
    """What no order can be quicker than."""
    longest = max(work.paths.values())
    if len(hosts) == 1:
        return max(longest, sum(work.seconds.values()) / SLOTS)
    shares = [
        sum(seconds for name, seconds in work.seconds.items() if name[1] == each)
        / (SLOTS * sum(each in host.architectures for host in hosts))
        for each in ARCHITECTURES
    ]
    return max(longest, *shares)


def print_real() -> None:
    raise NotImplementedError


if __name__ == "__main__":
    main()
