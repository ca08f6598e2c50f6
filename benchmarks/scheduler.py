"""What does the executor cost, and what does its order gain? On the graph of Kolla's 187 images.

`kolla-graph.json` holds the parent of each image, `durations.json` made-up seconds that each one takes (drawn once,
so that every measurement is of the same work). The first table times `execute` over steps that do nothing. The second
compares the time to the last image of two orders: first in, first out, and the longest remaining path first. Both are
computed; the last column is what `execute` needs when each step sleeps a tenth of its duration, times ten.
"""

import json
import time
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from statistics import median

from kollage.execute import execute
from kollage.plan import Action, Decision, Lane, Plan, Step
from kollage.results import Result, Status

FOLDER = Path(__file__).parent
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
    print("| slots | no order is below | first in, first out | longest path first | saved | execute |")
    print("|------:|------------------:|--------------------:|-------------------:|------:|--------:|")

    def sleep(step: Step) -> Result:
        time.sleep(seconds[step.image] / SCALE)
        return built(step)

    for slots in (1, 4, 8, 16, 32):
        bound = max(work / slots, *paths.values())
        plain = makespan(parents, seconds, slots, lambda _image, place: place)
        longest = makespan(parents, seconds, slots, lambda image, _place: -paths[image])
        real = SCALE * timed(plan, sleep, slots)
        saved = round(1 - longest / plain, 4) + 0.0  # no minus zero
        print(f"| {slots:5} | {bound:17.2f} | {plain:19.2f} | {longest:18.2f} | {saved:5.1%} | {real:7.2f} |")


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
