"""Every step ends in one result; nothing begins before what it needs, and an interrupt leaves nothing running."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.errors import BuildError, Interrupted, KollageError
from kollage.execute import cancelled, execute
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Lane, Plan, Step

CALM = settings(deadline=None, database=None)
BUILD = Decision(action=Action.BUILD, reason="never built")
CHAIN = {"base": (), "nova-base": ("base",), "nova-api": ("nova-base",), "cron": ("base",)}

Needs = Mapping[str, tuple[str, ...]]


def plan_of(needs: Needs, priorities: Mapping[str, float] = {}) -> Plan:
    return Plan(
        steps={
            f"build:{name}": Step(
                id=f"build:{name}",
                image=name,
                decision=BUILD,
                identity="",
                reference="",
                needs=tuple(f"build:{need}" for need in above),
                priority=priorities.get(name, 0.0),
            )
            for name, above in needs.items()
        }
    )


def with_pushes(needs: Needs) -> Plan:
    """Builds, and a push behind each."""
    builds = plan_of(needs).steps
    pushes = [
        replace(step, id=f"push:{step.image}", needs=(step.id,), lane=Lane.PUSH, priority=step.priority)
        for step in builds.values()
    ]
    return Plan(steps={**builds, **{step.id: step for step in pushes}})


def only(slots: int) -> dict[Lane, int]:
    """So many slots for builds, and none for anything else."""
    return {Lane.BUILD: slots}


def built(step: Step) -> Result:
    return Result(step=step.id, image=step.image, status=Status.BUILT, reason=step.decision.reason)


def failing(names: Collection[str], error: KollageError | None = None) -> Callable[[Step], Result]:
    """A function that builds every image but some."""

    def run(step: Step) -> Result:
        if step.image in names:
            raise error or BuildError("it broke")
        return built(step)

    return run


def outcomes(results: Collection[Result]) -> dict[str, tuple[Status, str]]:
    return {result.image: (result.status, result.reason) for result in results}


def all_below(name: str, needs: Needs) -> set[str]:
    return set(needs[name]).union(*(all_below(need, needs) for need in needs[name]))


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Steps, each needing any of those before it."""
    count = draw(st.integers(1, 9))
    return {
        f"i{n}": tuple(draw(st.lists(st.sampled_from([f"i{m}" for m in range(n)]), unique=True, max_size=3)))
        if n
        else ()
        for n in range(count)
    }


class Watched:
    """A run that notes when each step begins and ends, and how many of each lane were at it."""

    def __init__(self, failing: Collection[str] = ()) -> None:
        self.failing = failing
        self.events: list[tuple[str, str]] = []
        self.at_it: Counter[Lane] = Counter()
        self.most: Counter[Lane] = Counter()
        self.guard = threading.Lock()
        self.gate = threading.Event()

    def __call__(self, step: Step) -> Result:
        with self.guard:
            self.events.append(("begin", step.id))
            self.at_it[step.lane] += 1
            self.most |= self.at_it
        self.gate.wait(0.0005)  # give others the chance to begin
        with self.guard:
            self.events.append(("end", step.id))
            self.at_it[step.lane] -= 1
        status = Status.FAILED if step.image in self.failing else Status.BUILT
        return Result(step=step.id, image=step.image, status=status)


class TestResults:
    def test_what_ends_well_releases_what_needs_it(self) -> None:
        results = list(execute(plan_of(CHAIN), built, only(1)))
        assert outcomes(results) == dict.fromkeys(CHAIN, (Status.BUILT, "never built"))

    def test_a_child_of_a_failed_parent_is_blocked_and_says_by_whom_however_far_below(self) -> None:
        assert outcomes(list(execute(plan_of(CHAIN), failing({"base"}), only(2)))) == {
            "base": (Status.FAILED, "it broke"),
            "nova-base": (Status.BLOCKED, "base failed"),
            "nova-api": (Status.BLOCKED, "base failed"),
            "cron": (Status.BLOCKED, "base failed"),
        }

    def test_what_does_not_stand_on_a_failed_step_is_built(self) -> None:
        assert outcomes(list(execute(plan_of(CHAIN), failing({"nova-base"}), only(2)))) == {
            "base": (Status.BUILT, "never built"),
            "nova-base": (Status.FAILED, "it broke"),
            "nova-api": (Status.BLOCKED, "nova-base failed"),
            "cron": (Status.BUILT, "never built"),
        }

    def test_a_result_is_told_while_other_steps_still_run(self) -> None:
        told = threading.Event()

        def run(step: Step) -> Result:
            assert step.image == "quick" or told.wait(60)
            return built(step)

        results = execute(plan_of({"quick": (), "slow": ()}), run, only(2))
        assert next(results).image == "quick"
        told.set()
        assert [result.image for result in results] == ["slow"]

    def test_a_step_that_is_interrupted_is_cancelled_rather_than_failed(self) -> None:
        run = failing({"cron"}, Interrupted("interrupted"))
        assert outcomes(list(execute(plan_of({"cron": ()}), run, only(1)))) == {
            "cron": (Status.CANCELLED, "interrupted")
        }

    def test_a_reused_step_releases_as_a_built_one_does(self) -> None:
        def run(step: Step) -> Result:
            return Result(step=step.id, image=step.image, status=Status.REUSED)

        assert set(outcomes(list(execute(plan_of(CHAIN), run, only(4)))).values()) == {(Status.REUSED, "")}

    def test_an_empty_plan_has_no_results(self) -> None:
        assert list(execute(plan_of({}), built, only(4))) == []

    def test_steps_without_a_result_are_cancelled_in_the_order_of_the_plan(self) -> None:
        plan = plan_of(CHAIN)
        assert list(cancelled(plan, [built(plan.steps["build:base"]), built(plan.steps["build:cron"])])) == [
            Result(step="build:nova-base", image="nova-base", status=Status.CANCELLED, reason="interrupted"),
            Result(step="build:nova-api", image="nova-api", status=Status.CANCELLED, reason="interrupted"),
        ]


class TestOrder:
    def test_of_what_is_ready_the_longest_path_goes_first(self) -> None:
        plan = plan_of({"a": (), "b": (), "c": (), "d": ("b",)}, priorities={"a": 1.0, "b": 9.0, "c": 5.0, "d": 3.0})
        assert [result.image for result in execute(plan, built, only(1))] == ["b", "c", "d", "a"]

    def test_equals_go_by_name_whatever_the_order_of_the_plan(self) -> None:
        names = ["c", "a", "b"]
        assert [result.image for result in execute(plan_of(dict.fromkeys(names, ())), built, only(1))] == [
            "a",
            "b",
            "c",
        ]

    def test_all_slots_are_used(self) -> None:
        together = threading.Barrier(3)

        def run(step: Step) -> Result:
            together.wait(timeout=60)
            return built(step)

        assert len(list(execute(plan_of(dict.fromkeys("abcdef", ())), run, only(3)))) == 6


class TestLanes:
    LIMITS: Mapping[Lane, int] = {Lane.BUILD: 1, Lane.PUSH: 1}

    def test_a_push_takes_no_slot_from_a_build(self) -> None:
        together = threading.Barrier(2)

        def run(step: Step) -> Result:
            if step.id in {"push:a", "build:b"}:
                together.wait(timeout=60)
            return built(step)

        assert len(list(execute(with_pushes({"a": (), "b": ()}), run, self.LIMITS))) == 4

    def test_a_failed_push_blocks_nothing(self) -> None:
        def run(step: Step) -> Result:
            return failing({step.image})(step) if step.id == "push:base" else built(step)

        results = list(execute(with_pushes(CHAIN), run, self.LIMITS))
        assert len(results) == 8
        assert [result.step for result in results if not result.ok] == ["push:base"]

    def test_a_failed_build_blocks_its_push_and_all_above_it_but_no_other(self) -> None:
        results = list(execute(with_pushes(CHAIN), failing({"nova-base"}), self.LIMITS))
        assert {result.step: result.reason for result in results if not result.ok} == {
            "build:nova-base": "it broke",
            "push:nova-base": "nova-base failed",
            "build:nova-api": "nova-base failed",
            "push:nova-api": "nova-base failed",
        }

    def test_pushes_go_in_order_of_the_longest_path_too(self) -> None:
        plan = with_pushes({"a": (), "b": (), "c": ()})
        pushes = {"push:a": 1.0, "push:b": 3.0, "push:c": 2.0}
        steps = {name: replace(plan.steps[name], needs=(), priority=path) for name, path in pushes.items()}
        results = execute(Plan(steps=steps), built, {Lane.BUILD: 4, Lane.PUSH: 1})
        assert [result.image for result in results] == ["b", "c", "a"]


class TestAnyPlan:
    @CALM
    @given(graphs(), st.data(), st.integers(1, 5))
    def test_each_step_has_one_result_and_is_blocked_exactly_when_something_it_needs_failed(
        self, needs: dict[str, tuple[str, ...]], data: st.DataObject, slots: int
    ) -> None:
        bad = data.draw(st.sets(st.sampled_from(sorted(needs))))
        results = list(execute(plan_of(needs), failing(bad), only(slots)))
        assert sorted(result.image for result in results) == sorted(needs)
        for result in results:
            reached = not all_below(result.image, needs) & bad
            expected = Status.BLOCKED if not reached else Status.FAILED if result.image in bad else Status.BUILT
            assert result.status is expected

    @CALM
    @given(graphs(), st.data(), st.integers(1, 5))
    def test_a_blocked_step_names_a_step_that_failed_and_that_it_needs(
        self, needs: dict[str, tuple[str, ...]], data: st.DataObject, slots: int
    ) -> None:
        bad = data.draw(st.sets(st.sampled_from(sorted(needs)), min_size=1))
        results = list(execute(plan_of(needs), failing(bad), only(slots)))
        failed = {result.image for result in results if result.status is Status.FAILED}
        for result in results:
            if result.status is Status.BLOCKED:
                assert result.reason.removesuffix(" failed") in failed & all_below(result.image, needs)

    @CALM
    @given(graphs(), st.data(), st.integers(1, 5))
    def test_needs_end_before_a_step_begins_and_never_more_run_than_there_are_slots(
        self, needs: dict[str, tuple[str, ...]], data: st.DataObject, slots: int
    ) -> None:
        watched = Watched(data.draw(st.sets(st.sampled_from(sorted(needs)), max_size=2)))
        plan, limits = with_pushes(needs), {Lane.BUILD: slots, Lane.PUSH: data.draw(st.integers(1, 3))}
        list(execute(plan, watched, limits))
        assert watched.most <= Counter(limits)
        for number, (what, step) in enumerate(watched.events):
            if what == "begin":
                assert all(("end", need) in watched.events[:number] for need in plan.steps[step].needs)


# --- interrupts: they end everything for good, so each has a process of its own ---

PROGRAM = """
import dataclasses, json, os, signal, sys, threading
from kollage import process
from kollage.execute import cancelled, execute
from kollage.plan import Action, Decision, Lane, Plan, Step
from kollage.results import Result, Status

signal.signal(signal.SIGINT, signal.default_int_handler)
decision = Decision(action=Action.BUILD, reason="")
needs = {"quick": (), "one": (), "two": (), "child": ("one",), "waiting": ()}
plan = Plan(steps={
    name: Step(id=name, image=name, decision=decision, identity="", reference="", needs=needs[name], priority=priority)
    for name, priority in {"quick": 9, "one": 8, "two": 7, "child": 6, "waiting": 5}.items()
})
both, pids, results = threading.Barrier(3), {}, []

def run(step):
    if step.id == "quick":
        return Result(step=step.id, image=step.image, status=Status.BUILT)
    def on_line(line):
        pids[step.id] = int(line)
        both.wait(60)
    process.run(["sh", "-c", "sleep 600 & echo $!; wait"], on_line=on_line)
    return Result(step=step.id, image=step.image, status=Status.BUILT)

def when_both_run(do):
    threading.Thread(target=lambda: (both.wait(60), do())).start()
"""
END = """
results.extend(cancelled(plan, results))
json.dump([pids, {result.image: result.status for result in results}], sys.stdout)
"""


def interrupted(text: str, folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    """The children and the statuses at the end of a program in which two steps were running."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + text + END],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
    )
    pids, statuses = json.loads(done.stdout)
    return pids, statuses


def runs(pid: int) -> bool:
    """Whether a process still does something; one that has ended and was not collected does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def ends(pid: int) -> bool:
    """Whether a process ends; an order to end takes a moment to be carried out."""
    for _attempt in range(3000):
        if not runs(pid):
            return True
        threading.Event().wait(0.01)
    return False


STOPPED = {"quick": "built", "one": "cancelled", "two": "cancelled", "child": "cancelled", "waiting": "cancelled"}


class TestInterrupt:
    def test_it_ends_what_runs_with_all_it_started_and_reports_cancelled(self, tmp_path: Path) -> None:
        text = """
when_both_run(lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    for result in execute(plan, run, {Lane.BUILD: 2}):
        results.append(result)
except KeyboardInterrupt:
    pass
"""
        pids, statuses = interrupted(text, tmp_path)
        assert statuses == STOPPED
        assert pids.keys() == {"one", "two"}
        assert all(ends(pid) for pid in pids.values())

    def test_one_while_a_result_is_being_told_does_the_same(self, tmp_path: Path) -> None:
        text = """
try:
    for result in execute(plan, run, {Lane.BUILD: 3}):
        results.append(result)
        both.wait(60)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
"""
        pids, statuses = interrupted(text, tmp_path)
        assert statuses == STOPPED
        assert all(ends(pid) for pid in pids.values())

    def test_a_bug_in_a_step_ends_the_others_and_keeps_its_traceback(self, tmp_path: Path) -> None:
        text = """
def broken(step):
    if step.id != "two":
        return run(step)
    pids["two"] = 0
    both.wait(60)
    raise ZeroDivisionError("a bug")

when_both_run(lambda: None)
try:
    for result in execute(plan, broken, {Lane.BUILD: 2}):
        results.append(result)
except ZeroDivisionError as error:
    assert error.__traceback__.tb_next, error
else:
    raise SystemExit("the bug was swallowed")
"""
        pids, statuses = interrupted(text, tmp_path)
        assert statuses == STOPPED
        assert ends(pids["one"])


def test_a_circle_is_refused_before_anything_runs() -> None:
    watched = Watched()
    with pytest.raises(ValueError, match="cycle"):
        list(execute(plan_of({"a": ("b",), "b": ("a",)}), watched, only(1)))
    assert watched.events == []
