"""`kollage plan`: what a build would do and why, and nothing is done."""

import json

from tests.functional.world import Outcome, World

NEVER_BUILT = """\
step           action  why
build:base     build   never built
build:app      build   never built
build:app-api  build   never built
build:tool     build   never built

4 to build, in about 0s (0s of work), 4 images of unknown size
"""
UNCHANGED = """\
step           action  why
build:base     reuse   unchanged
build:app      reuse   unchanged
build:app-api  reuse   unchanged
build:tool     reuse   unchanged

4 to reuse
"""
APP_CHANGED = """\
step           action  last  why
build:base     reuse         unchanged
build:app      build     0s  {0}
build:app-api  build     0s  its parent app changes: {0}
build:tool     reuse         unchanged

2 to reuse, 2 to build, in about 0s (0s of work)
"""
BETTER = "Dockerfile line 3: RUN make app -> RUN make app better"


def test_before_the_first_build_everything_is_to_be_built(world: World) -> None:
    assert world.run("plan") == Outcome(0, NEVER_BUILT, "")


def test_a_plan_does_nothing(world: World) -> None:
    before = sorted(world.cache.rglob("*"))
    world.run("plan")
    assert [call[0] for call in world.notes("calls")] == ["--version", "images"]
    # what was read is kept for the next run; nothing else is there that was not
    kept = [found for name in ("catalogue", "engines", "templates") for found in world.cache.glob(name)]
    new = set(world.cache.rglob("*")) - set(before)
    assert [path for path in new if not any(path.is_relative_to(each) for each in kept)] == []


def test_after_a_build_everything_is_to_be_reused(world: World) -> None:
    world.run("build")
    assert world.run("plan") == Outcome(0, UNCHANGED, "")


def test_an_image_whose_recipe_changed_is_to_be_built_with_its_children(world: World) -> None:
    world.run("build")
    world.write("images/app/Dockerfile.j2", "RUN make app better\n")
    assert world.run("plan") == Outcome(0, APP_CHANGED.format(BETTER), "")


def test_without_memory_a_plan_says_that_the_recipe_changed(world: World) -> None:
    world.run("build")
    (world.cache / "history.db").unlink()
    world.write("images/app/Dockerfile.j2", "RUN make app better\n")
    lines = world.run("plan").out.splitlines()
    assert lines[2] == "build:app      build   its recipe changed"
    assert lines[3] == "build:app-api  build   its parent app changes"


def test_a_file_that_is_copied_in_is_part_of_the_recipe(world: World) -> None:
    world.write("images/app/app.conf", "colour = red")
    world.run("build")
    world.write("images/app/app.conf", "colour = blue")
    assert world.run("plan") == Outcome(0, APP_CHANGED.format("file app.conf changed"), "")


def test_what_was_built_before_is_reused_when_a_change_is_taken_back(world: World) -> None:
    world.run("build")
    world.write("images/app/Dockerfile.j2", "RUN make app better\n")
    world.run("build")
    world.write("images/app/Dockerfile.j2", "RUN make app\n")
    assert world.run("plan") == Outcome(0, UNCHANGED, "")


def test_another_tag_alone_builds_nothing(world: World) -> None:
    world.run("build")
    assert world.run("plan", "--tag", "other").out == UNCHANGED


def test_force_builds_what_was_asked_for_and_reuses_its_parents(world: World) -> None:
    world.run("build")
    expected = """\
step        action  last  why
build:base  reuse         unchanged
build:app   build     0s  --force

1 to reuse, 1 to build, in about 0s (0s of work)
"""
    assert world.run("plan", "--force", "^app$") == Outcome(0, expected, "")


def test_a_plan_as_json_is_one_document(world: World) -> None:
    outcome = world.run("plan", "--format", "json", "^base$")
    assert (outcome.code, outcome.err) == (0, "")
    step = {"step": "build:base", "image": "base", "action": "build", "reason": "never built"}
    times = {"seconds_last": None, "seconds_estimate": 5.0}  # nothing is installed into it
    expected = {"seconds": 5.0, "work": 5.0, "size": 0, "unknown": 1}
    assert json.loads(outcome.out) == {"counts": {"build": 1}, "steps": [step | times], "expected": expected}


def test_no_reuse_builds_everything_that_was_asked_for_and_its_parents(world: World) -> None:
    world.run("build")
    lines = world.run("plan", "--no-reuse", "^app$").out.splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["build:base", "build", "0s", "--no-reuse"],
        ["build:app", "build", "0s", "--no-reuse"],
    ]
    world.run("build", "--no-reuse", "^app$")
    assert sorted(world.built()) == ["app", "app", "app-api", "base", "base", "tool"]


def test_a_refresh_builds_everything_and_later_runs_stay_with_it(world: World) -> None:
    world.run("build", "^base$")
    assert "its parent example.org/debian:trixie changes" in world.run("plan", "--refresh", "^base$").out
    assert "1 to reuse" in world.run("plan", "^base$").out  # a plan begins nothing
    world.run("build", "--refresh", "^base$")
    assert world.built() == ["base", "base"]
    assert "1 to reuse" in world.run("plan", "^base$").out


def test_a_base_that_is_not_in_the_store_is_not_fetched_for_a_plan(world: World) -> None:
    world.behave(registry=["example.org/debian:bookworm"])
    assert world.run("plan", "--base-tag", "bookworm", "^base$").code == 0
    assert "pull" not in [call[0] for call in world.notes("calls")]
