"""Runs are noted as they go, in the order in which they began whatever the clock says, and old ones are forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest

from kollage import history
from kollage.history import LAST, Before, History, RunStep

TARGET = "debian-x86_64"
STEP = RunStep(
    step="build:app",
    image="app",
    action="build",
    status="failed",
    reason="exit 2",
    seconds=4.5,
    log="/logs/app.log",
    tail=("one", "two"),
    identity="f00",
)


@pytest.fixture
def known(tmp_path: Path) -> Iterator[History]:
    told: list[str] = []
    with history.opened(tmp_path, create=True, tell=told.append) as store:
        yield store
    assert told == []


def built(image: str, seconds: float, *, size: int = 0, status: str = "built", kind: str = "build") -> RunStep:
    step = f"{kind}:{image}"
    return RunStep(step=step, image=image, action=kind, status=status, seconds=seconds, size=size, identity="f00")


def a_run(known: History, *steps: RunStep, target: str = TARGET) -> int:
    run = known.begin("kollage build")
    for step in steps:
        known.step(run, target, step)
    return run


def test_a_run_is_known_from_its_beginning_on(known: History) -> None:
    run = known.begin("kollage build app")
    known.works_in(run, logs=Path("/logs/1"), folder=Path("/runs/run-1"))
    found = known.run(run)
    assert found
    assert (found.number, found.command, found.logs, found.folder) == (1, "kollage build app", "/logs/1", "/runs/run-1")
    assert (found.ended, found.exit_code, found.seconds, found.counts) == ("", None, 0, {})


def test_a_run_that_ended_says_when_and_how(known: History) -> None:
    run = a_run(known, STEP, built("tool", 1), built("base", 1, status="reused"))
    known.end(run, exit_code=1, seconds=61.5)
    found = known.run(LAST)
    assert found
    assert (found.number, found.exit_code, found.seconds) == (run, 1, 61.5)
    assert found.counts == {"failed": 1, "built": 1, "reused": 1}
    assert found.begun <= found.ended
    assert found.ended.endswith("+00:00")


def test_steps_come_back_as_they_were_noted_in_the_order_of_their_ends(known: History) -> None:
    run = a_run(known, STEP, built("tool", 1))
    a_run(known, built("other", 1))
    assert known.steps(run) == (STEP, built("tool", 1))


def test_a_step_that_is_noted_again_stays_in_its_place(known: History) -> None:
    run = a_run(known, built("app", 1), built("tool", 1))
    known.step(run, TARGET, built("app", 1, size=5))
    assert known.steps(run) == (built("app", 1, size=5), built("tool", 1))


def test_the_last_five_good_ends_are_remembered_for_each_step(known: History) -> None:
    for seconds in range(7):
        a_run(known, built("app", seconds, size=seconds % 5), built("app", seconds * 2, status="pushed", kind="push"))
    a_run(known, built("app", 99, status="failed"), built("tool", 99, status="reused"))
    assert known.before(TARGET) == {
        "build:app": Before(seconds=(6, 5, 4, 3, 2), size=1),
        "push:app": Before(seconds=(12, 10, 8, 6, 4), size=0),
    }


def test_the_size_of_what_was_only_reused_is_remembered_too(known: History) -> None:
    a_run(known, built("app", 0, status="reused", size=100))
    assert known.before(TARGET) == {"build:app": Before(seconds=(), size=100)}


def test_a_size_that_was_not_found_out_the_last_time_is_the_one_before(known: History) -> None:
    a_run(known, built("app", 1, size=100))
    a_run(known, built("app", 2))
    assert known.before(TARGET) == {"build:app": Before(seconds=(2, 1), size=100)}


def test_times_of_another_base_or_architecture_do_not_count(known: History) -> None:
    a_run(known, built("app", 1), target="debian-aarch64")
    assert known.before(TARGET) == {}


def test_no_time_is_negative(known: History) -> None:
    run = a_run(known, built("app", -5))
    known.end(run, exit_code=0, seconds=-1)
    assert known.before(TARGET) == {"build:app": Before(seconds=(0,), size=0)}
    assert [each.seconds for each in known.runs()] == [0]


class Clock(datetime):
    """A clock that has jumped back."""

    @classmethod
    def now(cls, tz: object = None) -> Self:
        return cls(1999, 12, 31, tzinfo=UTC)


def test_runs_are_ordered_by_number_when_the_clock_jumps_back(known: History, monkeypatch: pytest.MonkeyPatch) -> None:
    a_run(known, built("app", 1))
    known.remember("app", "first", "kolla/app:1", {})
    monkeypatch.setattr(history, "datetime", Clock)
    second = a_run(known, built("app", 2))
    known.remember("app", "second", "kolla/app:1", {})
    assert [(run.number, run.begun[:4] == "1999") for run in known.runs()] == [(second, True), (1, False)]
    assert known.before(TARGET)["build:app"].seconds == (2, 1)
    assert known.identity("app", "kolla/app:1") == "second"


def test_inputs_are_remembered_by_identity_and_the_last_one_by_name(known: History) -> None:
    known.remember("app", "f00", "kolla/app:1", {"recipe": "FROM x"})
    known.remember("app", "f01", "kolla/app:1", {"recipe": "FROM y"})
    assert known.inputs("app", "f00") == {"recipe": "FROM x"}
    assert known.identity("app", "kolla/app:1") == "f01"
    known.remember("app", "f00", "kolla/app:1", {"recipe": "FROM x"})
    assert known.identity("app", "kolla/app:1") == "f00"
    assert (known.inputs("tool", "f00"), known.identity("app", "kolla/app:2")) == (None, "")


def test_values_of_build_arguments_are_not_kept(known: History, tmp_path: Path) -> None:
    known.remember("app", "f00", "kolla/app:1", {"build_args": {"password": "wonderland"}})
    kept = known.inputs("app", "f00")
    assert kept
    assert list(kept["build_args"]) == ["password"]
    assert b"wonderland" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_the_inputs_of_twenty_identities_are_kept(known: History) -> None:
    for number in range(25):
        known.remember("app", f"{number}", "kolla/app:1", {})
    known.remember("tool", "0", "kolla/tool:1", {})
    kept = [number for number in range(25) if known.inputs("app", f"{number}") is not None]
    assert kept == list(range(5, 25))
    assert known.inputs("tool", "0") == {}


def test_two_hundred_runs_are_kept_with_their_steps(known: History) -> None:
    for _ in range(203):
        a_run(known, built("app", 1))
    assert [run.number for run in known.runs()] == list(range(203, 3, -1))
    assert (known.steps(3), len(known.steps(4))) == ((), 1)


def test_when_an_image_was_built_is_known_by_its_identity(known: History) -> None:
    first = a_run(known, built("app", 41, size=7))
    a_run(known, built("app", 0, status="reused"))
    made = known.made("app", "f00")
    begun = next(run.begun for run in known.runs() if run.number == first)
    assert made == history.Made(run=first, at=begun, seconds=41, size=7)
    assert known.made("app", "another") is None
