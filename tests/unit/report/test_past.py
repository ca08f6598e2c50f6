"""Runs read as a table, one run as its steps and its last failure, and an image as what is different in it."""

from dataclasses import replace
from typing import Any

from kollage.history import Made, Run, RunStep
from kollage.report.past import Difference, Why, run_json, run_text, runs_json, runs_text, why_json, why_text

RUN = Run(
    number=7,
    begun="2026-11-24T22:40:01+00:00",
    ended="2026-11-24T22:43:13+00:00",
    seconds=192.25,
    exit_code=1,
    command="kollage build app",
    logs="/logs/7",
    folder="/runs/7",
    counts={"failed": 1, "built": 2, "reused": 40},
)
KILLED = replace(RUN, number=8, ended="", seconds=0, exit_code=None, counts={})
STEPS = (
    RunStep(step="build:base", image="base", action="reuse", status="reused", reason="unchanged"),
    RunStep(
        step="build:app", image="app", action="build", status="built", reason="never built", seconds=41, size=10**9
    ),
    RunStep(
        step="build:api",
        image="api",
        action="build",
        status="failed",
        reason="exit 2\nhint: look",
        seconds=3,
        log="/logs/7/api.log",
        tail=("one\x1b[2J", "two"),
    ),
)


def test_runs_are_a_table_that_tells_the_living_from_the_killed() -> None:
    runs = [replace(KILLED, number=9), KILLED, RUN]
    assert runs_text(runs, {9}).splitlines() == [
        "run  when                      time  exit         steps                         command",
        "  9  2026-11-24 22:40:01 UTC         goes on                                    kollage build app",
        "  8  2026-11-24 22:40:01 UTC         did not end                                kollage build app",
        "  7  2026-11-24 22:40:01 UTC  3m12s  1            2 built, 40 reused, 1 failed  kollage build app",
    ]


def test_a_long_command_is_cut_in_the_table_and_whole_in_its_run() -> None:
    long = replace(RUN, command="kollage build " + "a" * 87)
    assert runs_text([long], ()).endswith("  kollage build " + "a" * 86 + "…\n")
    assert run_text(long, (), ()).startswith(f"run 7: {long.command}\n")


def test_no_run_is_a_sentence() -> None:
    assert runs_text((), ()) == "no run is remembered\n"


def test_one_run_is_its_steps_and_how_the_last_failure_ended() -> None:
    assert run_text(RUN, STEPS, ()) == (
        "run 7: kollage build app\n"
        "2026-11-24 22:40:01 UTC, exit 1 after 3m12s\n"
        "logs: /logs/7\n"
        "\n"
        "step        result  time    size  reason\n"
        "build:base  reused                unchanged\n"
        "build:app   built    41s  1.0 GB  never built\n"
        "build:api   failed    3s          exit 2\n"
        "\n"
        "build:api failed after 3s (log: /logs/7/api.log)\n"
        "  exit 2\n"
        "  hint: look\n"
        "  one\n"
        "  two\n"
    )


def test_a_run_that_was_killed_before_anything_ended_says_so() -> None:
    assert run_text(KILLED, (), ()) == (
        "run 8: kollage build app\n2026-11-24 22:40:01 UTC, did not end\nlogs: /logs/7\n"
    )


def test_runs_as_json_say_what_the_table_says() -> None:
    runs: Any = runs_json([KILLED, RUN], {8})["runs"]
    assert [run["running"] for run in runs] == [True, False]
    assert [run["ended"] for run in runs] == [None, RUN.ended]
    assert (runs[1]["seconds"], runs[1]["counts"]) == (192.25, RUN.counts)
    shown: Any = run_json(RUN, STEPS[:1], ())
    assert (shown["number"], [step["status"] for step in shown["steps"]]) == (7, ["reused"])


WHY = Why(
    image="api",
    action="build",
    reason="its parent app changes: file x is new",
    identity="f00",
    reference="kolla/api:1",
    parent="app",
    parent_identity="f01",
    sources=("api-archive: pypi:api==1",),
    files=2,
    causes=(
        Difference(image="api", differences=("its parent app is another one",)),
        Difference(image="app", differences=("file x is new",)),
    ),
    built=None,
)


def test_why_an_image_is_built_goes_down_to_where_it_began() -> None:
    assert why_text(WHY) == (
        "api: build\n"
        "\n"
        "in api\n"
        "  its parent app is another one\n"
        "in app\n"
        "  file x is new\n"
        "\n"
        "identity   f00\n"
        "image      kolla/api:1\n"
        "stands on  app f01\n"
        "source     api-archive: pypi:api==1\n"
        "files      2\n"
    )


def test_an_image_that_did_not_change_says_what_it_is_made_of() -> None:
    made = Made(run=7, at="2026-11-24T22:40:01+00:00", seconds=41, size=402_000_000)
    same = replace(WHY, action="reuse", reason="unchanged", causes=(), built=made, sources=(), files=0)
    assert why_text(same) == (
        "api: reuse, unchanged\n"
        "\n"
        "identity   f00\n"
        "image      kolla/api:1\n"
        "stands on  app f01\n"
        "built      2026-11-24 22:40:01 UTC in 41s by run 7\n"
        "size       402 MB\n"
    )
    assert why_json(same)["built"] == {"run": 7, "at": made.at, "seconds": 41, "size": 402_000_000}
