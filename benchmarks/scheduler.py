"""What does the executor cost, and what does its order gain? On the graph of Kolla's 187 images.

`kolla-graph.json` holds the parent of each image, `durations.json` made-up seconds that each one takes (drawn once,
so that every measurement is of the same work). The first table times `execute` over steps that do nothing. The second
compares the time to the last image. What no order can be below is max(longest path, work / slots), and as all images
stand on one that is built alone, its time and that bound for the rest. Two orders are computed: first in, first out,
and the longest remaining path first. The last columns are what kolla's own queue and threads, and `execute`, need when
each step sleeps a tenth of its duration, times ten.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from statistics import mean, median

from kollage.execute import execute
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Lane, Plan, Step

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.peer.conftest import made

FOLDER = Path(__file__).parent
SLOTS = (1, 2, 4, 8, 16, 32)
RUNS = 20
TARGET = 50  # milliseconds
SCALE = 10

Order = Callable[[str, int], float]  # an image and its place in the queue -> what sorts it; the smaller goes first


def main() -> None:
    parents: dict[str, str | None] = json.loads((FOLDER / "kolla-graph.json").read_text(encoding="utf-8"))
    seconds: dict[str, float] = json.loads((FOLDER / "durations.json").read_text(encoding="utf-8"))
    paths = longest_paths(parents, seconds)
    plan = plan_of(parents, paths)
    print_overhead(plan)
    print_makespans(plan, parents, seconds, paths)


def print_overhead(plan: Plan) -> None:
    print(f"execute over {len(plan.steps)} steps that do nothing, {RUNS} runs; target: a median under {TARGET} ms\n")
    print("| slots | median ms | slowest ms | target met |")
    print("|------:|----------:|-----------:|:-----------|")
    for slots in (1, 8, 16):
        times = [1000 * timed(plan, built, slots) for _run in range(RUNS)]
        met = "yes" if median(times) < TARGET else "NO"
        print(f"| {slots:5} | {median(times):9.1f} | {max(times):10.1f} | {met:10} |")


def print_makespans(
    plan: Plan, parents: Mapping[str, str | None], seconds: Mapping[str, float], paths: Mapping[str, float]
) -> None:
    work = sum(seconds.values())
    print(f"\nseconds to the last image: {work:.1f} s of work, the longest path takes {max(paths.values()):.1f} s\n")
    print("| slots | work / slots | none is below | first in, first out | longest first | over it | kolla | execute |")
    print("|------:|-------------:|--------------:|--------------------:|--------------:|--------:|------:|--------:|")

    def sleep(step: Step) -> Result:
        time.sleep(seconds[step.image] / SCALE)
        return built(step)

    for slots in SLOTS:
        plain = makespan(parents, seconds, slots, lambda _image, place: place)
        longest = makespan(parents, seconds, slots, lambda image, _place: -paths[image])
        least = bound(parents, seconds, paths, slots)
        over = f"{longest / least - 1:.1%}"
        here, there = SCALE * timed(plan, sleep, slots), SCALE * peer(slots)
        naive = max(work / slots, *paths.values())
        print(
            f"| {slots} | {naive:.2f} | {least:.2f} | {plain:.2f} | {longest:.2f} | {over} | {there:.2f} | {here:.2f} |"
        )
    print_averages(parents, seconds, paths)


def print_averages(parents: Mapping[str, str | None], seconds: Mapping[str, float], paths: Mapping[str, float]) -> None:
    """How far both orders are from the bounds, on the average of all numbers of slots."""
    work, every = sum(seconds.values()), range(1, max(SLOTS) + 1)
    orders: Mapping[str, Order] = {
        "longest path first": lambda image, _place: -paths[image],
        "first in, first out": lambda _image, place: place,
    }
    print(f"\nabove the bounds, computed, on the average of 1 to {max(SLOTS)} slots; target: 3 %")
    for name, order in orders.items():
        times = [makespan(parents, seconds, slots, order) for slots in every]
        over = mean(time / bound(parents, seconds, paths, slots) - 1 for slots, time in zip(every, times, strict=True))
        naive = mean(time / max(work / slots, *paths.values()) - 1 for slots, time in zip(every, times, strict=True))
        print(f"{name}: {over:.1%}, and {naive:.1%} above max(longest path, work / slots), which nothing can reach")


def bound(
    parents: Mapping[str, str | None], seconds: Mapping[str, float], paths: Mapping[str, float], slots: int
) -> float:
    """What no order is below: the image that all stand on is built alone, then the longest path or the work is left."""
    (root,) = (image for image, parent in parents.items() if parent is None)
    rest = {image: path for image, path in paths.items() if image != root}
    return seconds[root] + max((sum(seconds.values()) - seconds[root]) / slots, *rest.values())


def peer(slots: int) -> float:
    """The seconds that kolla's own queue needs for the same graph, a tenth of each duration."""
    files = [str(FOLDER / name) for name in ("peer/order.py", "kolla-graph.json", "durations.json")]
    command = [str(made() / "bin" / "python"), *files, str(SCALE), str(slots)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def longest_paths(parents: Mapping[str, str | None], seconds: Mapping[str, float]) -> dict[str, float]:
    """The seconds of the longest path that begins at each image."""
    children = children_of(parents)

    def longest(image: str) -> float:
        return seconds[image] + max(map(longest, children.get(image, ())), default=0.0)

    return {image: longest(image) for image in parents}


def children_of(parents: Mapping[str, str | None]) -> dict[str | None, list[str]]:
    children: dict[str | None, list[str]] = {}
    for image, parent in parents.items():
        children.setdefault(parent, []).append(image)
    return children


def plan_of(parents: Mapping[str, str | None], paths: Mapping[str, float]) -> Plan:
    """The plan that builds every image; along a path the rest only gets shorter, so parents come first."""
    decision = Decision(action=Action.BUILD, reason="never built")
    steps = {
        image: Step(
            id=image,
            image=image,
            decision=decision,
            identity="",
            reference="",
            needs=(parent,) if (parent := parents[image]) else (),
            priority=paths[image],
        )
        for image in sorted(parents, key=lambda image: -paths[image])
    }
    return Plan(steps=steps)


def makespan(parents: Mapping[str, str | None], seconds: Mapping[str, float], slots: int, order: Order) -> float:
    """The time at which the last image ends, when each free slot takes the first of what is ready."""
    children, place = children_of(parents), count()
    ready: list[tuple[float, str]] = []
    running: list[tuple[float, str]] = []
    now, released = 0.0, children[None]
    while True:
        for image in released:
            heappush(ready, (order(image, next(place)), image))
        while ready and len(running) < slots:
            image = heappop(ready)[1]
            heappush(running, (now + seconds[image], image))
        if not running:
            return now
        now, ended = heappop(running)
        released = children.get(ended, [])


def timed(plan: Plan, run: Callable[[Step], Result], slots: int) -> float:
    began = time.perf_counter()
    results = list(execute(plan, run, {Lane.BUILD: slots}))
    assert len(results) == len(plan.steps)
    assert all(result.ok for result in results)
    return time.perf_counter() - began


def built(step: Step) -> Result:
    return Result(step=step.id, image=step.image, status=Status.BUILT)


if __name__ == "__main__":
    main()
