"""What the images stand on is decided once, and every step has one result that is told once, whatever interrupts."""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage import build
from kollage.bootstrap import Base
from kollage.build import pin_base
from kollage.engines import Local
from kollage.errors import EngineError, UsageError
from kollage.graph import Graph
from kollage.image import Release
from kollage.options import Options
from kollage.plan import Action, Decision, Plan, Step
from kollage.results import Result, Status

DEBIAN = "docker.io/library/debian:trixie"
ROCKY = Options(base="rocky", base_tag="10")
NAMED = Options(base_image="r.example/debian")
EPOCH = 1_793_491_200


def pinned(
    options: Options, engine: FakeEngine, local: Sequence[Local] = (), *, pull: bool = True
) -> tuple[str, str, str]:
    """The reference, the identity and the reason of the base; a recipe's identity is called `recipe`."""
    base = pin_base(options, engine, local, epoch=EPOCH, pull=pull)
    recipe = base.bootstrap is not None and base.identity == base.bootstrap.identity
    return (
        base.reference.rpartition("-")[0] if recipe else base.reference,
        "recipe" if recipe else base.identity,
        base.reason,
    )


class TestTheBase:
    MADE = ("kollage-bootstrap/debian:trixie", "recipe", "made from the package archive")

    def test_is_made_from_packages_where_no_image_is_named(self) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        assert pinned(Options(), engine) == self.MADE
        assert engine.pulled == []

    def test_is_made_from_packages_where_that_was_asked_for(self) -> None:
        options = dataclasses.replace(NAMED, base_source="bootstrap")
        assert pinned(options, FakeEngine(registry=("r.example/debian:trixie",))) == self.MADE

    def test_comes_from_the_registry_where_that_was_asked_for(self) -> None:
        options = Options(base_source="registry")
        assert pinned(options, FakeEngine(registry=(DEBIAN,))) == (DEBIAN, f"id of {DEBIAN}", "fetched")

    @pytest.mark.parametrize("name", [DEBIAN, "debian:trixie"])
    def test_is_taken_from_the_store_under_its_long_or_short_name(self, name: str) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        local = [Local(id="7", references=("other:1",)), Local(id="8", references=(name,))]
        assert pinned(Options(base_source="registry"), engine, local) == (DEBIAN, "8", "in the store")
        assert engine.pulled == []

    def test_is_not_fetched_for_a_plan(self) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        options = Options(base_source="registry")
        assert pinned(options, engine, pull=False) == (DEBIAN, DEBIAN, "not fetched yet")
        assert engine.pulled == []

    def test_that_was_named_is_fetched_with_auto(self) -> None:
        name = "r.example/debian:trixie"
        assert pinned(NAMED, FakeEngine(registry=(name,))) == (name, f"id of {name}", "fetched")

    def test_is_made_from_packages_with_auto_where_the_registry_does_not_answer(self) -> None:
        reference, identity, reason = pinned(NAMED, FakeEngine())
        assert (reference, identity) == self.MADE[:2]
        assert reason == "r.example/debian:trixie cannot be fetched"

    def test_that_was_made_instead_is_what_a_plan_expects(self) -> None:
        made = pin_base(NAMED, FakeEngine(), (), epoch=EPOCH, pull=True)
        local = [Local(id="9", references=(made.reference,))]
        assert pin_base(NAMED, FakeEngine(), local, epoch=EPOCH, pull=False) == made

    def test_that_cannot_be_fetched_is_an_error_with_the_engines_last_line(self) -> None:
        with pytest.raises(EngineError) as raised:
            pinned(Options(base_source="registry"), FakeEngine())
        assert raised.value.message == f"the base image {DEBIAN} cannot be fetched: no such host"
        assert raised.value.hint.endswith("--base-image, or use --base-source bootstrap")

    def test_of_a_family_that_cannot_be_bootstrapped_needs_its_registry(self) -> None:
        with pytest.raises(EngineError) as raised:
            pinned(ROCKY, FakeEngine())
        assert raised.value.hint == "name one that the engine can reach with --base-image"

    def test_of_a_family_that_cannot_be_bootstrapped_is_no_bootstrap(self) -> None:
        with pytest.raises(UsageError, match="no way to bootstrap rocky"):
            pinned(dataclasses.replace(ROCKY, base_source="bootstrap"), FakeEngine())


def step(name: str, *needs: str, action: Action = Action.BUILD) -> Step:
    return Step(
        id=name,
        image=name,
        decision=Decision(action=action, reason=""),
        identity=name,
        reference=f"kolla/{name}:1",
        needs=needs,
    )


def plan_of(*steps: Step) -> Plan:
    return Plan(steps={step.id: step for step in steps})


def prepared(engine: FakeEngine, *actions: Action) -> build.Prepared:
    release = Release(name="r", codename="", epoch=0, projects={}, constraints=Path("r.lock"))
    return build.Prepared(
        release=release,
        graph=Graph(images=(), wanted=frozenset(), excluded={}),
        engine=engine,
        base=Base(reference="debian", identity="d", reason=""),
        named={},
        rendered={},
        pins={},
        plan=plan_of(*(step(f"{number}", action=action) for number, action in enumerate(actions))),
    )


class TestTheSpace:
    @pytest.mark.parametrize("action", [Action.BUILD, Action.BOOTSTRAP])
    def test_that_is_missing_is_told_before_anything_is_begun(self, action: Action) -> None:
        with pytest.raises(EngineError) as raised:
            build._require_space(prepared(FakeEngine(free=1_500_000_000), Action.REUSE, action))
        assert raised.value.message == "only 1500 MB are free where fake keeps its images"
        assert raised.value.hint == "free some space: a build needs 2 GB at least"

    def test_that_is_missing_does_not_matter_where_nothing_is_built(self) -> None:
        build._require_space(prepared(FakeEngine(free=0), Action.REUSE, Action.REUSE))

    def test_of_two_gigabytes_is_enough(self) -> None:
        build._require_space(prepared(FakeEngine(free=2 * 10**9), Action.BUILD))


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
        results = build._results(plan_of(step("base"), step("app", "base")), built, 2, heard)
        assert heard.ends == ends(results) == [("base", Status.BUILT), ("app", Status.BUILT)]

    def test_of_what_is_blocked_are_told_too(self) -> None:
        def run(step: Step) -> Result:
            return dataclasses.replace(built(step), status=Status.FAILED)

        heard = Heard()
        results = build._results(plan_of(step("base"), step("app", "base")), run, 2, heard)
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
    text = f"from tests.unit import test_build; test_build.{scene}()"
    told, results = json.loads(
        subprocess.run(
            [sys.executable, "-c", text], cwd=Path(__file__).parents[2], check=True, capture_output=True, timeout=120
        ).stdout
    )
    return told, results


def at_the_first() -> None:
    heard = Heard(interrupts_at="base")
    show(heard, build._results(plan_of(step("base"), step("app", "base")), built, 2, heard))


def while_another_runs() -> None:
    """`slow` waits until the interrupt is on its way, and ends well all the same."""
    heard = Heard(interrupts_at="quick")

    def run(step: Step) -> Result:
        while step.id == "slow" and not heard.ends:
            time.sleep(0.01)
        return built(step)

    show(heard, build._results(plan_of(step("quick"), step("slow"), step("later", "slow")), run, 2, heard))


def show(heard: Heard, results: Sequence[Result]) -> None:
    print(json.dumps([heard.ends, ends(results)]))
