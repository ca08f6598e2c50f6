"""Every step has one result, which is told once; an interrupt loses none."""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.test_build import plan_of, step

from kollage import carry
from kollage.results import Result, Status
from kollage.steps import Lane, Step

SLOTS = {Lane.BUILD: 2, Lane.PUSH: 1}


@dataclass
class Heard:
    """A listener that writes down what ended, and may stop the run from its place."""

    ends: list[tuple[str, Status]] = field(default_factory=list)
    interrupts_at: str = ""

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Say nothing."""

    def line(self, step: str, text: str) -> None:
        """Say nothing."""

    def ended(self, result: Result) -> None:
        self.ends.append((result.step, result.status))
        if result.step == self.interrupts_at:
            raise KeyboardInterrupt

    def closed(self) -> None:
        """Say nothing."""


def built(step: Step) -> Result:
    return Result(step=step.id, image=step.image, status=Status.BUILT)


def ends(results: Sequence[Result]) -> list[tuple[str, Status]]:
    return [(result.step, result.status) for result in results]


class TestResults:
    def test_are_told_as_they_end(self) -> None:
        heard = Heard()
        results = carry._results(plan_of(step("base"), step("app", "base")), built, SLOTS, heard)
        assert heard.ends == ends(results) == [("base", Status.BUILT), ("app", Status.BUILT)]

    def test_of_what_is_blocked_are_told_too(self) -> None:
        def run(step: Step) -> Result:
            return dataclasses.replace(built(step), status=Status.FAILED)

        heard = Heard()
        results = carry._results(plan_of(step("base"), step("app", "base")), run, SLOTS, heard)
        assert heard.ends == ends(results) == [("base", Status.FAILED), ("app", Status.BLOCKED)]

    def test_that_were_told_when_the_interrupt_came_are_not_told_again(self) -> None:
        told, results = interrupted("at_the_first")
        assert results == [["base", "built"], ["app", "cancelled"]]
        assert told == [["base", "built"]]

    def test_that_came_while_the_interrupt_was_dealt_with_are_not_lost(self) -> None:
        told, results = interrupted("while_another_runs")
        assert told == [["quick", "built"], ["slow", "built"]]
        assert results == [*told, ["later", "cancelled"]]


# --- interrupts: they end everything for good, so each has a process of its own ---


def interrupted(scene: str) -> tuple[list[list[str]], list[list[str]]]:
    """What the listener heard and what the results are, of a function below."""
    text = f"from tests.unit import test_carry; test_carry.{scene}()"
    told, results = json.loads(
        subprocess.run(
            [sys.executable, "-c", text], cwd=Path(__file__).parents[2], check=True, capture_output=True, timeout=120
        ).stdout
    )
    return told, results


def at_the_first() -> None:
    heard = Heard(interrupts_at="base")
    show(heard, carry._results(plan_of(step("base"), step("app", "base")), built, SLOTS, heard))


def while_another_runs() -> None:
    """`slow` waits until the interrupt is on its way, and ends well all the same."""
    heard = Heard(interrupts_at="quick")

    def run(step: Step) -> Result:
        while step.id == "slow" and not heard.ends:
            time.sleep(0.01)
        return built(step)

    show(heard, carry._results(plan_of(step("quick"), step("slow"), step("later", "slow")), run, SLOTS, heard))


def show(heard: Heard, results: Sequence[Result]) -> None:
    print(json.dumps([heard.ends, ends(results)]))
