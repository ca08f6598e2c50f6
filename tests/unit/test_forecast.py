"""What a plan will take: its steps on the slots there are, in the order in which a run takes them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue import Catalogue
from kollage.forecast import outlook, slots, told
from kollage.history import Before
from kollage.history.estimate import estimate
from kollage.image import Image
from kollage.options import Options
from kollage.report import Outlook, PlanRow
from kollage.steps import Action, Decision, Lane, Plan, Step


def step(name: str, *needs: str, action: Action = Action.BUILD, priority: float = 0, lane: Lane = Lane.BUILD) -> Step:
    return Step(
        id=name,
        image=name.partition(":")[2],
        decision=Decision(action=action, reason="because"),
        identity=name,
        reference=f"kolla/{name}",
        needs=needs,
        priority=priority,
        lane=lane,
    )


def plan(*steps: Step) -> Plan:
    return Plan(steps={each.id: each for each in steps})


def seconds_of(times: Mapping[str, float], *steps: Step, builds: int) -> float:
    free = {Lane.BUILD: builds, Lane.PUSH: 1, Lane.VERIFY: 1}
    return outlook(plan(*steps), free, lambda each: times[each.id], {}).seconds


CHAIN = (step("a", priority=30), step("b", "a", priority=20), step("c", priority=5))


@pytest.mark.parametrize(("builds", "seconds"), [(1, 35), (2, 30), (8, 30)])
def test_the_longest_path_or_the_slots_decide(builds: int, seconds: float) -> None:
    assert seconds_of({"a": 10, "b": 20, "c": 5}, *CHAIN, builds=builds) == seconds


def test_what_has_priority_goes_first() -> None:
    times = {"a": 10, "b": 20, "c": 5, "d": 5}
    assert seconds_of(times, *CHAIN, step("d", priority=5), builds=2) == 30
    late = (step("a", priority=1), step("b", "a", priority=20), step("c", priority=5), step("d", priority=5))
    assert seconds_of(times, *late, builds=2) == 35


def test_lanes_do_not_wait_for_each_other() -> None:
    steps = (step("a"), step("b"), step("push:a", "a", action=Action.PUSH, lane=Lane.PUSH))
    assert seconds_of({"a": 10, "b": 10, "push:a": 7}, *steps, builds=1) == 20


def test_bytes_are_those_that_an_image_adds_to_its_parent() -> None:
    before = {
        "build:base": Before(seconds=(1,), size=100),
        "build:app": Before(seconds=(1,), size=130),
        "build:api": Before(seconds=(1,), size=120),  # smaller now than its parent was
        "build:odd": Before(seconds=(1,), size=0),
    }
    steps = (
        step("build:base", action=Action.REUSE),
        step("build:app", "build:base"),
        step("build:api", "build:app"),
        step("build:odd", "build:base"),
        step("build:new", "build:base"),
    )
    found = outlook(plan(*steps), {Lane.BUILD: 1}, lambda _: 1.0, before)
    assert found == Outlook(seconds=5, work=5, size=30, unknown=2)


def test_every_step_says_how_long_it_took_and_is_expected_to_take() -> None:
    app = Image(name="app", folder=Path("app"), description="", parent="base")
    catalogue = Catalogue(root=Path("images"), images={"app": app}, accounts={}, repositories={})
    before = {"build:base": Before(seconds=(9, 1, 2), size=5), "push:app": Before(seconds=(3,))}
    steps = (
        step("build:base", action=Action.REUSE),
        step("build:app", "build:base"),
        step("push:app", "build:app", action=Action.PUSH, lane=Lane.PUSH),
    )
    guess = estimate(app, "debian")
    rows, whole = told(plan(*steps), before, catalogue, Options())
    assert rows == [
        PlanRow(step="build:base", image="base", action="reuse", reason="because"),
        PlanRow(step="build:app", image="app", action="build", reason="because", seconds_estimate=guess),
        PlanRow(step="push:app", image="app", action="push", reason="because", seconds_last=3, seconds_estimate=3),
    ]
    assert (whole.seconds, whole.work, whole.unknown) == (guess + 3, guess + 3, 1)


def test_each_lane_has_its_own_setting() -> None:
    options = Options(threads=3, push_threads=2, verify_threads=1, fetch_threads=6)
    assert slots(options) == {Lane.BUILD: 3, Lane.PUSH: 2, Lane.VERIFY: 1, Lane.FETCH: 6}
