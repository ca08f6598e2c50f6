"""How far do more build hosts carry? Computed: Kolla's 187 images, 3 bases, 2 architectures, 3 releases, 1 to 64 hosts.

`measured.json` holds what images of Kollage's catalogue took and weigh on one machine (two cores, several at a time);
an image that was not measured takes what a measured one of its kind takes, drawn once by its name: one that others
stand on, or one that nothing stands on. Every base, architecture and release has the same. Half of the hosts are of
each architecture; the one host alone is taken to be of both.

A host has slots, and pulls what an image stands on before it builds, pushes what it built, at the speed of its cable
or of its share of the registry's, whichever is less; the slot waits for both. Which host takes which step is decided by
the code that decides it in a run (`kollage.distributed.placement`). No order can be quicker than the lower bound: the
work over the slots of its architecture, or the longest path. And none in which every host builds can move fewer bytes
than the least: each layer once, and a copy of a base for each host beyond the bases.

Then Dask itself is measured: what it adds to a step, on this machine with sleeping builds, and how near the real
scheduler comes to what is computed here. `--computed` leaves that out.
"""

import argparse
import json
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from heapq import heappop, heappush
from itertools import count, product
from pathlib import Path
from statistics import median

from kollage.distributed.farm import Errand, Farm
from kollage.distributed.orders import Ticket
from kollage.distributed.placement import Load, Placement, loads
from kollage.distributed.run import execute
from kollage.execute import Queue
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Lane, Plan, Step

FOLDER = Path(__file__).parent
HOSTS = (1, 2, 4, 8, 16, 32, 64)
BASES = ("debian", "ubuntu", "rocky")
ARCHITECTURES = ("amd64", "arm64")
RELEASES = ("2026.1", "2026.2", "master")
SLOTS = 4
CABLE = 125e6  # bytes a second of a host: one gigabit
REGISTRY = 1250e6  # of the registry: ten
PACKED = 0.38  # a layer's size as it travels, compressed
TARGETS = {8: 0.90, 32: 0.75}
MOST_MOVED = 1.1
MOST_EXTRA = 20  # milliseconds that Dask may add to a step
RUNS = 3


@dataclass(frozen=True, slots=True)
class Work:
    """What is to build: a load for every image, and what stands on each."""

    loads: Mapping[str, Load]
    children: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a simulation."""

    time: float  # seconds
    bound: float
    pushed: float  # bytes
    pulled: float
    copied: Mapping[str, float]  # bytes that were pulled, by image of Kolla's
    least: float  # bytes that have to be moved if every host builds
    idle: float  # share of all slots' time

    @property
    def efficiency(self) -> float:
        """The lower bound as a share of the time."""
        return self.bound / self.time


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--computed", action="store_true", help="leave out Dask itself")
    options = asked.parse_args()
    print_simulation()
    if not options.computed:
        print_real()


def print_simulation() -> None:
    work = load()
    loads = work.loads.values()
    unique = sum(load.layer for load in loads)
    print(
        f"{len(loads)} images: {sum(load.seconds for load in loads) / 3600:.1f} h of work, the longest path takes"
        f" {max(load.path for load in loads) / 60:.0f} min; {unique / 1e9:.0f} GB of layers as they travel;"
        f" {SLOTS} slots a host\n"
    )
    print(
        "| hosts | hours | lower bound | efficiency |  target | idle | pulled GB | moved / unique | target |  least |"
    )
    print(
        "|------:|------:|------------:|-----------:|--------:|-----:|----------:|---------------:|-------:|-------:|"
    )
    outcomes = {hosts: simulated(work, hosts) for hosts in HOSTS}
    for hosts, found in outcomes.items():
        moved = (found.pushed + found.pulled) / unique
        target = TARGETS.get(hosts)
        quick = "" if target is None else f"{said(found.efficiency >= target)} {target:.0%}"
        print(
            f"| {hosts:5} | {found.time / 3600:5.2f} | {found.bound / 3600:11.2f} | {found.efficiency:10.1%} |"
            f" {quick:>7} | {found.idle:4.0%} | {found.pulled / 1e9:9.1f} | {moved:14.4f} |"
            f" {said(moved <= MOST_MOVED):>6} | {found.least / unique:6.3f} |"
        )
    print(f"\nmoved / unique: pushes and pulls together; at most {MOST_MOVED} is wanted. Each layer is pushed once.")
    print_copied(outcomes, unique)
    print_one_set()


def said(met: bool) -> str:  # noqa: FBT001 - it is all that it says
    """Whether a target is met, so that one that is not is seen."""
    return "yes" if met else "NO"


def print_copied(outcomes: Mapping[int, Outcome], unique: float) -> None:
    """Which images travel again, of all bytes."""
    print("\nWhat is pulled, of the unique bytes:\n")
    for hosts, found in outcomes.items():
        if found.pulled:
            most = sorted(found.copied.items(), key=lambda item: -item[1])[:5]
            print(f"{hosts:4} hosts: " + ", ".join(f"{name} {bytes_ / unique:.1%}" for name, bytes_ in most))


def print_one_set() -> None:
    """Where it stops to pay: for everything, and for what most people build."""
    work = load(("debian",), ("amd64",), ("2026.2",))
    unique = sum(load.layer for load in work.loads.values())
    longest = max(load.path for load in work.loads.values())
    print(f"\nOne base, architecture and release alone ({len(work.loads)} images):\n")
    print("| hosts | minutes | less than half as many hosts | times the longest path | idle | moved / unique |")
    print("|------:|--------:|-----------------------------:|-----------------------:|-----:|---------------:|")
    before = None
    for hosts in HOSTS[:5]:
        found = simulated(work, hosts, ("amd64",))
        less = f"{1 - found.time / before:.0%}" if before else ""
        print(
            f"| {hosts:5} | {found.time / 60:7.1f} | {less:>28} | {found.time / longest:21.1f}x | {found.idle:4.0%} |"
            f" {(found.pushed + found.pulled) / unique:14.3f} |"
        )
        before = found.time
    print(
        "\nIt stops to pay where the time comes near the longest path, which hosts build one after another, however\n"
        "many there are. One set is done with four hosts. All sets keep 32 busy; 64 are idle for more than a quarter\n"
        "of the time."
    )


def load(
    bases: Sequence[str] = BASES, architectures: Sequence[str] = ARCHITECTURES, releases: Sequence[str] = RELEASES
) -> Work:
    """All images of all variants."""
    graph: dict[str, str | None] = json.loads((FOLDER / "kolla-graph.json").read_text(encoding="utf-8"))
    measured: dict[str, dict[str, float]] = json.loads((FOLDER / "measured.json").read_text(encoding="utf-8"))
    seconds, whole = drawn(graph, measured, "seconds"), drawn(graph, measured, "bytes")
    layers = {name: PACKED * own_layer(name, graph, measured, whole) for name in graph}
    below: dict[str | None, list[str]] = {}
    for name, parent in graph.items():
        below.setdefault(parent, []).append(name)

    def path(name: str) -> float:
        return seconds[name] + max(map(path, below.get(name, ())), default=0.0)

    loads: dict[str, Load] = {}
    children: dict[str, list[str]] = {}
    for base, architecture, release in product(bases, architectures, releases):
        mark = f"@{base}-{architecture}-{release}"
        for name, parent in graph.items():
            under = f"{parent}{mark}" if parent else ""
            loads[f"{name}{mark}"] = Load(
                kind=architecture,
                seconds=seconds[name],
                path=path(name),
                layer=layers[name],
                parent=under,
            )
            children.setdefault(under, []).append(f"{name}{mark}")
    return Work(loads, children)


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


def simulated(work: Work, number: int, architectures: Sequence[str] = ARCHITECTURES) -> Outcome:
    """Run all work on so many hosts."""
    placement, places = Placement(work.loads), count()
    kinds: dict[str, Collection[str]] = {
        str(place): architectures if number == 1 else (architectures[place % len(architectures)],)
        for place in range(number)
    }
    for host, own in kinds.items():
        placement.joined(host, SLOTS, own)
    running: list[tuple[float, int, str, str]] = []
    held: dict[str, set[str]] = {host: set() for host in kinds}
    copied: dict[str, float] = {}
    now = busy = pushed = pulled = 0.0
    for name in work.children[""]:
        placement.release(name)
    while True:
        for host, name, brought in placement.assigned():
            load = work.loads[name]
            pulled += note(work, held[host], name, copied)
            pushed += load.layer
            speed = min(CABLE, REGISTRY / (len(running) + 1))
            heappush(running, (now + load.seconds + (brought + load.layer) / speed, next(places), host, name))
            busy += load.seconds
        if not running:
            break
        now, _, host, name = heappop(running)
        placement.ended(host)
        placement.holds(host, name)
        held[host].add(name)
        for child in work.children.get(name, ()):
            placement.release(child)
    idle = 1 - busy / (now * SLOTS * number)
    return Outcome(now, bound(work, kinds), pushed, pulled, copied, pushed + least_pulled(work, kinds), idle)


def note(work: Work, held: set[str], name: str, copied: dict[str, float]) -> float:
    """Give a host what it lacks for a step; the bytes, which are noted by image."""
    total = 0.0
    while name := work.loads[name].parent:
        if name not in held:
            held.add(name)
            layer, image = work.loads[name].layer, name.partition("@")[0]
            copied[image] = copied.get(image, 0.0) + layer
            total += layer
    return total


def least_pulled(work: Work, kinds: Mapping[str, Collection[str]]) -> float:
    """The bytes that have to be pulled if every host builds: the smallest base, for each host beyond the bases."""
    total = 0.0
    for kind in sorted({load.kind for load in work.loads.values()}):
        bases = [work.loads[name].layer for name in work.children[""] if work.loads[name].kind == kind]
        total += min(bases) * max(sum(kind in own for own in kinds.values()) - len(bases), 0)
    return total


def bound(work: Work, kinds: Mapping[str, Collection[str]]) -> float:
    """What no order can be quicker than."""
    longest = max(load.path for load in work.loads.values())
    total: dict[str, float] = {}
    for load in work.loads.values():
        total[load.kind] = total.get(load.kind, 0.0) + load.seconds
    if len(kinds) == 1:
        return max(longest, sum(total.values()) / SLOTS)
    shares = (seconds / (SLOTS * sum(kind in own for own in kinds.values())) for kind, seconds in total.items())
    return max(longest, *shares)


def print_real() -> None:
    """Dask itself: a scheduler, workers as processes of this machine, and builds that sleep."""
    print(f"\nDask on this machine ({os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}), builds that sleep:\n")
    print("| workers | slots each | steps | sleep s | seconds | simulated | ms a step beside its sleep | target met |")
    print("|--------:|-----------:|------:|--------:|--------:|----------:|---------------------------:|:-----------|")
    for workers, slots, sleep in ((1, 1, 0.05), (1, 4, 0.2), (2, 4, 0.4), (4, 4, 0.8)):
        print_measured(workers, slots, sleep)


def print_measured(workers: int, slots: int, sleep: float) -> None:
    graph: dict[str, str | None] = json.loads((FOLDER / "kolla-graph.json").read_text(encoding="utf-8"))
    plan = sleeping_plan(graph, sleep)
    best = makespan(graph, sleep, workers * slots)
    elapsed = median(timed(plan, workers, slots, sleep) for _ in range(RUNS))
    extra = 1000 * (elapsed - best) * workers * slots / len(graph)
    met = "yes" if extra < MOST_EXTRA else "NO"
    print(
        f"| {workers:7} | {slots:10} | {len(graph):5} | {sleep:7.2f} | {elapsed:7.2f} | {best:9.2f} |"
        f" {extra:26.1f} | {met:10} |",
        flush=True,
    )


def sleeping_plan(graph: Mapping[str, str | None], sleep: float) -> Plan:
    """The plan that makes every image in so many seconds."""
    below: dict[str | None, list[str]] = {}
    for name, parent in graph.items():
        below.setdefault(parent, []).append(name)

    def path(name: str) -> float:
        return sleep + max(map(path, below.get(name, ())), default=0.0)

    decision = Decision(action=Action.BUILD, reason="never built")
    return Plan(
        steps={
            name: Step(
                id=name,
                image=name,
                decision=decision,
                identity="",
                reference="",
                needs=(parent,) if (parent := graph[name]) else (),
                priority=path(name),
            )
            for name in sorted(graph, key=path, reverse=True)
        }
    )


def makespan(graph: Mapping[str, str | None], sleep: float, slots: int) -> float:
    """The seconds that the same steps take where handing them over costs nothing."""
    plan, now = sleeping_plan(graph, sleep), 0.0
    queue, running = Queue(plan), list[tuple[float, str]]()
    while True:
        for name in queue.take({Lane.BUILD: slots - len(running)}):
            heappush(running, (now + sleep, name))
        if not running:
            return now
        now, name = heappop(running)
        queue.ended(name, well=True)


def timed(plan: Plan, workers: int, slots: int, sleep: float) -> float:
    """The seconds of a whole run by Dask."""
    from distributed import Client, LocalCluster

    needed = {"build": 1.0}
    kinds = dict.fromkeys(plan.steps, "any")
    loads_ = loads(plan, kinds, {})
    errands = {
        name: Errand(
            ticket=Ticket(place=str(sleep), plan="", name=name, key=f"build-{name}"),
            needed=needed,
            load=replace(load, layer=0),  # it is Dask that is measured, so nothing keeps a step at a host
        )
        for name, load in loads_.items()
    }
    with LocalCluster(  # type: ignore[no-untyped-call]  # Dask is typed in part
        n_workers=workers, threads_per_worker=slots, resources={"build": slots}, dashboard_address=":0"
    ) as cluster:
        farm = Farm(
            connect=lambda: Client(cluster, set_as_default=False),  # type: ignore[no-untyped-call]
            hear=lambda _message: None,
            patience=60,
            tell=print,
            carry_out=slept,
        )
        farm.open()
        began = time.perf_counter()
        results = list(execute(plan, errands, farm))
        elapsed = time.perf_counter() - began
        farm.close()
    assert len(results) == len(plan.steps)
    assert all(result.ok for result in results)
    return elapsed


def slept(place: str, _plan: str, name: str, _key: str) -> tuple[Result, str]:
    """What a worker does here: as many seconds as the place says."""
    from distributed import get_worker

    time.sleep(float(place))
    return Result(step=name, image=name, status=Status.BUILT), get_worker().address


if __name__ == "__main__":
    main()
