"""A build in which something fails: what is still done, what is told, and how to go on."""

import json

from tests.functional.world import Outcome, World

FAILED = """\

image    result   time    size  reason
base     built      0s  100 MB  never built
app      failed     0s          buildah answered with exit status 100
tool     built      0s  100 MB  never built
app-api  blocked                app failed

2 built, 1 failed, 1 blocked in 0s

app failed after 0s (log: ~/logs/app.log)
  buildah answered with exit status 100
    STEP 1: FROM kolla/base:1
    STEP 2: LABEL maintainer="Kollage" name="app"
    STEP 3: RUN make app
    Reading package lists...
    E: Unable to locate package nothing
  repeat it with:
    kollage build --tag 1 --logs-dir ~/logs --threads 1 '^app$'

1 blocked (app failed): app-api
"""
GONE = """\
image    result   time  reason
base     built      0s  never built
app      failed     0s  buildah answered with exit status 1
tool     failed     0s  buildah answered with exit status 125
app-api  blocked        app failed"""


def fail(world: World, *lines: str, code: int = 1) -> None:
    world.behave(images={"app": {"prints": ["Reading package lists..."], "fails": lines, "code": code}})


def flags(world: World) -> tuple[str, ...]:
    return ("--tag", "1", "--logs-dir", str(world.root / "logs"), "--threads", "1")


def test_the_end_tells_what_failed_with_the_last_lines_the_log_and_the_way_to_repeat_it(world: World) -> None:
    fail(world, "E: Unable to locate package nothing", code=100)
    outcome = world.run("build", *flags(world))
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.partition("\n\n")[2] == FAILED[1:]


def test_each_end_is_told_once_while_the_build_runs(world: World) -> None:
    fail(world, "E: no")
    lines = world.run("build", *flags(world)).out.partition("\n\n")[0].splitlines()
    assert lines == [
        "base: building (log: ~/logs/base.log)",
        "base: built in 0s",
        "app: building (log: ~/logs/app.log)",
        "app: failed after 0s (log: ~/logs/app.log)",
        "tool: building (log: ~/logs/tool.log)",
        "tool: built in 0s",
        "app-api: blocked, app failed",
    ]


def test_the_log_of_the_failure_holds_everything(world: World) -> None:
    fail(world, "E: no")
    world.run("build", *flags(world))
    assert (world.root / "logs/app.log").read_text(encoding="utf-8").splitlines() == [
        "STEP 1: FROM kolla/base:1",
        'STEP 2: LABEL maintainer="Kollage" name="app"',
        "STEP 3: RUN make app",
        "Reading package lists...",
        "E: no",
        "app failed: buildah answered with exit status 1",
    ]


def test_the_command_to_repeat_it_works_when_the_cause_is_gone(world: World) -> None:
    fail(world, "E: no")
    outcome = world.run("build", "tool", "^app", "--tag", "1", "--format", "json")
    failed = next(result for result in json.loads(outcome.out)["results"] if result["status"] == "failed")
    assert failed["command"] == "kollage build --tag 1 --format json '^app$'"
    world.behave()
    assert world.run("build", "--tag", "1", "^app$").code == 0
    assert "localhost/kolla/app:1" in world.names()


def test_a_second_run_builds_only_what_is_missing(world: World) -> None:
    fail(world, "E: no")
    world.run("build")
    world.behave()
    assert world.run("build").out.endswith("\n2 built, 2 reused in 0s\n")
    assert sorted(world.built()) == ["app", "app", "app-api", "base", "tool"]


def test_only_the_last_lines_of_a_long_log_are_shown(world: World) -> None:
    world.behave(images={"app": {"prints": [f"line {n}" for n in range(1000)], "fails": ["E: no"]}})
    out = world.run("build", "^app$").out
    assert "line 999\n    E: no\n" in out
    assert "line 900\n" not in out


def test_what_a_build_prints_cannot_steer_the_terminal(world: World) -> None:
    fail(world, "\x1b[2J\x1b]0;title\x07E: no")
    out = world.run("build", "--debug", "^app$").out
    assert "\x1b" not in out
    assert "app | E: no\n" in out


def test_a_full_disk_is_explained(world: World) -> None:
    fail(world, "cp: error writing '/x': No space left on device")
    outcome = world.run("build", "^app$")
    assert outcome.code == 1
    assert (
        "  the disk is full: free space where the engine keeps its images and Kollage its cache, then repeat it\n"
        "    STEP 1: FROM " in outcome.out
    )


def test_an_engine_that_was_killed_is_said_to_be(world: World) -> None:
    engine = world.root / "bin/buildah"
    text = engine.read_text(encoding="utf-8")
    engine.write_text(text.replace("exec", '[ "$1" = build ] && kill -9 $$\nexec'), encoding="utf-8")
    assert "  buildah answered by ending on SIGKILL\n" in world.run("build", "^base$").out


class TestAnEngineThatCeasesToAnswer:
    """In the middle of a build, by an error for whatever it is asked, or by no answer at all."""

    def cease(self, world: World, **then: object) -> Outcome:
        world.behave(images={"app": {"fails": ["Error: the store is gone"], "then": then}})
        return world.run("build", *flags(world), "--timeout", "1", "--summary-json-file", "summary.json")

    def test_leaves_a_report_of_what_was_built_before(self, world: World) -> None:
        outcome = self.cease(world, broken="Error: the store is gone")
        assert (outcome.code, outcome.err) == (1, "")
        assert outcome.out.partition("\n\n")[2].partition("\n\n")[0] == GONE
        told = json.loads((world.root / "here/summary.json").read_text(encoding="utf-8"))
        assert [entry["name"] for entry in told["built"]] == ["base"]

    def test_is_not_waited_for_without_end(self, world: World) -> None:
        outcome = self.cease(world, hangs=["images", "containers"])
        assert (outcome.code, outcome.err) == (1, "")
        assert "\n2 built, 1 failed, 1 blocked in 0s\n" in outcome.out

    def test_keeps_what_was_built(self, world: World) -> None:
        self.cease(world, broken="Error: the store is gone")
        world.behave()
        assert world.run("build", *flags(world)).out.endswith("\n3 built, 1 reused in 0s\n")

    def test_leaves_no_folder_with_secrets(self, world: World) -> None:
        self.cease(world, broken="Error: the store is gone")
        assert world.scratch == []


def test_what_passes_by_itself_is_tried_again(world: World) -> None:
    fail(world, "curl: (6) Could not resolve host: deb.example")
    outcome = world.run("build", "--retries", "1", "--debug", "^app$")
    assert outcome.code == 1
    assert "app | that may pass: trying again in 2 s (1 of 1)\n" in outcome.out
    assert world.built() == ["base", "app", "app"]


def test_nothing_is_left_of_a_build_that_failed(world: World) -> None:
    fail(world, "E: no")
    world.run("build")
    assert world.scratch == []
    assert world.containers() == []
