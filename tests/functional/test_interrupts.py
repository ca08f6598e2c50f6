"""A build that is interrupted: nothing keeps running, nothing is left, and the next run goes on from there."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.functional.server import served
from tests.functional.world import World, end_group, is_alive, until

INTERRUPTED = """\
base: building (log: ~/logs/base.log)
base: built in 0s
app: building (log: ~/logs/app.log)
app: cancelled after 0s

image    result     time    size  reason
base     built        0s  100 MB  never built
app      cancelled    0s          interrupted
app-api  cancelled                interrupted

1 built, 2 cancelled in 0s
"""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def engine_processes(world: World) -> list[int]:
    """The engine's processes that were told to sleep."""
    return [int(path.read_text(encoding="utf-8")) for path in world.engine.glob("sleeps-*")]


@pytest.mark.parametrize("number", SIGNALS)
class TestAnInterrupt:
    def test_ends_what_runs_and_tells_how_far_it_came(self, world: World, number: signal.Signals) -> None:
        world.behave(images={"app": {"sleeps": True}})
        outcome = world.interrupt(number, "app", "build", "--logs-dir", str(world.root / "logs"), "^app")
        assert (outcome.code, outcome.out, outcome.err) == (130, INTERRUPTED, "")
        assert not any(map(is_alive, engine_processes(world)))

    def test_leaves_no_secret_folder_or_container(self, world: World, number: signal.Signals) -> None:
        world.behave(images={"app": {"sleeps": True}})
        world.interrupt(number, "app", "build")
        assert world.scratch == []
        assert world.containers() == []
        assert not any(Path(secret["path"]).exists() for secret in world.order("app")["secrets"].values())

    def test_lets_the_next_run_continue_from_what_was_finished(self, world: World, number: signal.Signals) -> None:
        world.behave(images={"app": {"sleeps": True}})
        world.interrupt(number, "app", "build", "^app")
        world.behave()
        assert world.run("build", "^app").out.endswith("\n2 built, 1 reused in 0s\n")
        assert world.built() == ["base", "app", "app", "app-api"]


def test_every_image_is_told_once_when_several_are_interrupted(world: World) -> None:
    world.behave(images={"app": {"sleeps": True}, "tool": {"sleeps": True}})
    child = world.start("build", "--format", "json")
    until(lambda: len(engine_processes(world)) == 2)
    child.send_signal(signal.SIGINT)
    outcome = world.end(child)
    results = [(result["image"], result["status"]) for result in json.loads(outcome.out)["results"]]
    assert sorted(results) == [
        ("app", "cancelled"),
        ("app-api", "cancelled"),
        ("base", "built"),
        ("tool", "cancelled"),
    ]
    assert outcome.code == 130


def test_an_interrupt_before_anything_is_begun_is_one_word(world: World) -> None:
    fifo = world.root / "waits"
    os.mkfifo(fifo)
    (world.root / "bin/buildah").write_text(f'#!/bin/sh\nread -r line < "{fifo}"\n', encoding="utf-8")
    child = world.start("build")
    with fifo.open("w"):  # opens when the engine is asked for its version
        child.send_signal(signal.SIGINT)
        outcome = world.end(child)
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "interrupted\n")


def test_a_hangup_that_is_ignored_stays_so(world: World) -> None:
    world.behave(images={"base": {"sleeps": True}})
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    try:
        child = world.start("build", "^base$")
    finally:
        signal.signal(signal.SIGHUP, before)
    until((world.engine / "sleeps-base").exists)
    child.send_signal(signal.SIGHUP)
    (world.engine / "wake").touch()
    assert world.end(child).code == 0


class TestARunThatWasKilled:
    def kill(self, world: World) -> None:
        world.behave(images={"app": {"sleeps": True}})
        world.interrupt(signal.SIGKILL, "app", "build", "^app")
        end_group(engine_processes(world))
        world.behave()

    def test_leaves_things_that_the_next_one_sweeps(self, world: World) -> None:
        self.kill(world)
        assert (world.scratch, world.containers()) != ([], [])
        assert world.run("build", "^app").code == 0
        assert list(world.cache.glob("runs/run-*")) == []
        assert world.containers() == []

    def test_is_continued_from_what_was_finished(self, world: World) -> None:
        self.kill(world)
        assert world.run("build", "^app").out.endswith("\n2 built, 1 reused in 0s\n")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_download_without_end_is_ended(world: World, number: signal.Signals) -> None:
    with served() as site:
        site.endless.add("/app.tar.gz")
        world.image("app", f'parent = "base"\n[source]\ntype = "url"\nlocation = "{site.address}/app.tar.gz"\n', "\n")
        child = world.start("build", "^app")
        until(lambda: site.asked["/app.tar.gz"])
        child.send_signal(number)
        assert world.end(child).code == 130
    assert world.scratch == []


def test_a_container_of_somebody_else_stays(world: World) -> None:
    world.write("engine/containers.json", json.dumps({"mine": "example.org/debian:trixie"}))
    world.behave(images={"app": {"sleeps": True}})
    world.interrupt(signal.SIGINT, "app", "build")
    assert world.containers() == ["mine"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_container_that_somebody_makes_of_our_images_meanwhile_stays(world: World, number: signal.Signals) -> None:
    """As `buildah from` does in another terminal, and a build with a cache of its own."""
    world.behave(images={"app": {"sleeps": True}})
    child = world.start("build", "^app")
    until((world.engine / "sleeps-app").exists)
    (ours,) = world.containers()
    began_with = json.loads((world.engine / "containers.json").read_text())[ours]
    world.write("engine/containers.json", json.dumps({ours: began_with, "mine": began_with}))
    child.send_signal(number)
    world.end(child)
    end_group(engine_processes(world))
    world.behave()
    assert world.run("build", "^base$").code == 0
    assert world.containers() == ["mine"]


def test_a_cache_beside_the_work_of_somebody_else_leaves_that_alone(world: World) -> None:
    """The folders of a cache may be anybody's."""
    mine = [
        world.write(f"shared/{name}/keep", "mine") for name in ("work/main", "runs/123456789", "logs/a", "docker/base")
    ]
    mine += [world.write(f"shared/logs/{number:03}/keep", "mine") for number in range(30)]
    outcome = world.run("build", "--cache-dir", str(world.root / "shared"), "^base$")
    assert outcome.code == 0
    assert all(path.is_file() for path in mine)


def test_a_work_dir_that_holds_something_else_is_refused(world: World) -> None:
    mine = world.write("shared/docker/base/Dockerfile", "mine")
    outcome = world.run("build", "--work-dir", str(world.root / "shared"), "^base$")
    assert outcome.code == 2
    assert outcome.err == (
        "error: ~/shared/docker holds something that is not ours\n"
        "hint: name another folder with --work-dir, or empty this one if Kolla worked in it\n"
    )
    assert mine.read_text() == "mine"
