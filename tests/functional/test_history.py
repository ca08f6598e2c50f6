"""What happened can be asked afterwards: each run, whatever ended it, and why an image is built."""

import json
import re
import signal
from pathlib import Path

from tests.functional.world import World, until


def rows(world: World, *argv: str) -> list[list[str]]:
    """The cells of a table, without its titles."""
    lines = world.run(*argv).out.splitlines()[1:]
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def test_before_the_first_run_none_is_remembered(world: World) -> None:
    assert world.run("runs").out == "no run is remembered\n"
    outcome = world.run("runs", "show", "last")
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, "error: no run is remembered")


def test_every_run_is_in_the_table_with_what_became_of_its_steps(world: World) -> None:
    world.behave(images={"app": {"fails": ["no such thing"]}})
    world.run("build", "^app$")
    world.behave()
    world.run("build", "--build-args", "token:wonderland", "^app$")
    shown = [[row[0], *row[3:]] for row in rows(world, "runs")]
    assert shown == [
        ["2", "0", "2 built", "kollage build --build-args '***' '^app$'"],
        ["1", "1", "1 built, 1 failed", "kollage build '^app$'"],
    ]
    assert b"wonderland" not in b"".join(path.read_bytes() for path in world.cache.glob("history.*"))


def test_a_run_is_shown_with_the_log_of_its_last_failure(world: World) -> None:
    world.behave(images={"app": {"fails": ["no such thing"]}})
    world.run("build", "^app-api$")
    world.run("plan")  # is none
    out = world.run("runs", "show", "last").out
    assert out == world.run("runs", "show", "1").out
    lines = out.splitlines()
    assert lines[0] == "run 1: kollage build '^app-api$'"
    assert lines[2] == "logs: ~/cache/kollage/logs/RUN"
    assert [line.split()[:2] for line in lines[5:8]] == [
        ["build:base", "built"],
        ["build:app", "failed"],
        ["build:app-api", "blocked"],
    ]
    assert lines[9] == "build:app failed after 0s (log: ~/cache/kollage/logs/RUN/app.log)"
    assert "  no such thing" in lines[10:]


def test_a_run_as_json_is_one_document(world: World) -> None:
    world.run("build", "^base$")
    (run,) = json.loads(world.run("runs", "--format", "json").out)["runs"]
    shown = json.loads(world.run("runs", "show", "1", "--format", "json").out)
    steps = shown.pop("steps")
    assert shown == run
    assert (run["exit_code"], run["counts"], run["running"]) == (0, {"built": 1}, False)
    assert [(step["step"], step["size"], Path(step["log"]).name) for step in steps] == [
        ("build:base", 100_000_000, "base.log")
    ]


def test_a_run_that_is_killed_did_not_end_and_what_it_finished_is_remembered(world: World) -> None:
    world.behave(images={"app": {"sleeps": True}})
    child = world.start("build", "^app$")
    until((world.engine / "sleeps-app").exists)
    assert [row[2:] for row in rows(world, "runs")] == [["goes on", "1 built", "kollage build '^app$'"]]
    child.send_signal(signal.SIGKILL)
    world.end(child)
    assert [row[2:] for row in rows(world, "runs")] == [["did not end", "1 built", "kollage build '^app$'"]]
    world.behave()
    assert world.run("build", "^app$").code == 0
    assert [row[0] for row in rows(world, "runs")] == ["2", "1"]
    assert world.built() == ["base", "app", "app"]


def test_a_run_that_is_interrupted_says_so(world: World) -> None:
    world.behave(images={"base": {"sleeps": True}})
    world.interrupt(signal.SIGINT, "base", "build", "^app$")
    (row,) = rows(world, "runs")
    assert row[3:5] == ["130", "2 cancelled"]


def test_what_was_never_a_run_is_refused(world: World) -> None:
    world.run("build", "^base$")
    assert world.run("runs", "show", "7").err.splitlines()[0] == "error: run 7 is not remembered"
    for words in (["show"], ["show", "x"], ["list"], ["show", "1", "2"]):
        assert world.run("runs", *words).code == 2


def test_why_goes_down_to_the_parent_that_began_it(world: World) -> None:
    world.run("build")
    world.write("images/base/Dockerfile.j2", "RUN make base better\n")
    world.write("images/app-api/api.conf", "colour = red")
    lines = world.run("why", "app-api").out.splitlines()
    assert lines[:9] == [
        "app-api: build",
        "",
        "in app-api",
        "  file api.conf is new",
        "  its parent app is another one",
        "in app",
        "  its parent base is another one",
        "in base",
        "  Dockerfile line 3: RUN make base -> RUN make base better",
    ]
    causes = json.loads(world.run("why", "app-api", "--format", "json").out)["causes"]
    assert [cause["image"] for cause in causes] == ["app-api", "app", "base"]


def test_of_an_unchanged_image_it_says_what_it_is_made_of(world: World) -> None:
    world.run("build", "^app$")
    lines = world.run("why", "app").out.splitlines()
    assert lines[0] == "app: reuse, unchanged"
    facts = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines[2:])
    assert facts["image"] == "kolla/app:2026.2-debian-trixie"
    assert facts["stands on"].startswith("base ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC in 0s by run 1", facts["built"])
    assert facts["size"] == "100 MB"


def test_an_image_that_is_not_there_has_no_why(world: World) -> None:
    outcome = world.run("why", "apq")
    assert (outcome.code, outcome.err) == (2, "error: there is no image 'apq'\nhint: did you mean 'app'?\n")


def test_a_store_that_is_damaged_costs_the_memory_and_not_the_run(world: World) -> None:
    world.run("build", "^base$")
    world.write("cache/kollage/history.db", "no database " * 1000)
    outcome = world.run("build", "^base$")
    assert outcome.code == 0
    assert outcome.err.count("warning: what was remembered of earlier runs cannot be read") == 1
    assert [row[0] for row in rows(world, "runs")] == ["1"]


def test_pushes_are_remembered_too(world: World) -> None:
    world.run("build", "--push", "--registry", "127.0.0.1:1", "--retries", "0", "^base$")
    (run,) = json.loads(world.run("runs", "--format", "json").out)["runs"]
    assert (run["exit_code"], run["counts"]) == (1, {"built": 1, "failed": 1})
    steps = json.loads(world.run("runs", "show", "1", "--format", "json").out)["steps"]
    assert [(step["step"], step["action"], step["status"]) for step in steps] == [
        ("build:base", "build", "built"),
        ("push:base", "push", "failed"),
    ]
