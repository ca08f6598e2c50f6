"""A run notes itself while it goes, so that one which is killed is remembered as far as it came."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kollage import history, recording
from kollage.errors import EngineError
from kollage.history import LAST, Run, RunStep
from kollage.options import Options
from kollage.report import Silent
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Plan, Step

STEP = Step(
    id="build:app",
    image="app",
    decision=Decision(action=Action.BUILD, reason="never built"),
    identity="f00",
    reference="kolla/app:1",
)
PLAN = Plan(steps={STEP.id: STEP})
INPUTS: Mapping[str, object] = {"recipe": "FROM x", "parent": "p"}
BUILT = Result(
    step=STEP.id, image="app", status=Status.BUILT, reason="never built", seconds=41, reference="kolla/app:1"
)


class Heard(Silent):
    """A listener that keeps what ended."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def ended(self, result: Result) -> None:
        self.results.append(result)


@contextmanager
def opened(cache: Path, *argv: str) -> Iterator[recording.Record]:

    def made_of(image: str) -> Mapping[str, object] | None:
        return INPUTS if image == "app" else None

    with recording.opened(Options(cache_dir=cache), argv, PLAN, made_of, time.monotonic()) as record:
        yield record


def last(cache: Path) -> tuple[Run, tuple[RunStep, ...]]:
    with history.opened(cache) as known:
        run = known.run(LAST)
        assert run
        return run, known.steps(run.number)


def test_a_run_that_goes_on_is_there_already(tmp_path: Path) -> None:
    with opened(tmp_path, "app") as record:
        record.works_in(logs=tmp_path / "logs", folder=tmp_path / "run")
        run, steps = last(tmp_path)
        assert (run.command, run.logs, run.ended, steps) == ("kollage build app", f"{tmp_path}/logs", "", ())


def test_each_step_is_noted_as_it_ends_and_passed_on(tmp_path: Path) -> None:
    heard = Heard()
    with opened(tmp_path) as record:
        record.heard_by(heard).ended(BUILT)
        expected = RunStep(
            step="build:app",
            image="app",
            action="build",
            status="built",
            reason="never built",
            seconds=41,
            identity="f00",
        )
        assert last(tmp_path)[1] == (expected,)
    assert heard.results == [BUILT]


@pytest.mark.parametrize(("status", "kept"), [(Status.BUILT, True), (Status.REUSED, False), (Status.FAILED, False)])
def test_inputs_are_remembered_of_what_was_built_well(tmp_path: Path, status: Status, kept: bool) -> None:
    with opened(tmp_path) as record:
        record.step(Result(step=STEP.id, image="app", status=status))
    with history.opened(tmp_path) as known:
        assert (known.inputs("app", "f00") == INPUTS) is kept


def test_the_end_brings_sizes_and_what_never_began(tmp_path: Path) -> None:
    with opened(tmp_path) as record:
        record.ended([Result(step=STEP.id, image="app", status=Status.CANCELLED, size=7)], 130)
    run, (step,) = last(tmp_path)
    assert (run.exit_code, step.status, step.size, bool(run.ended)) == (130, "cancelled", 7, True)


def test_an_error_is_an_end(tmp_path: Path) -> None:
    with pytest.raises(EngineError), opened(tmp_path):
        raise EngineError("it is gone")
    assert last(tmp_path)[0].exit_code == 3


@pytest.mark.parametrize(
    ("verb", "argv", "told"),
    [
        ("build", ["app", "--push"], "kollage build app --push"),
        ("build", ["--build-args", "token:secret", "app"], "kollage build --build-args '***' app"),
        ("build", ["--build_arg=token:secret"], "kollage build '--build-args=***'"),
        ("build", ["--base-image", "https://me:secret@host/x"], "kollage build --base-image https://host/x"),
        ("kolla-build", ["--build-args", "token:secret"], "kolla-build --build-args '***'"),
    ],
)
def test_a_command_line_is_kept_without_its_secrets(verb: str, argv: list[str], told: str) -> None:
    assert recording.spoken(verb, argv) == told
