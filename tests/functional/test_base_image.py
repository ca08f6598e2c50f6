"""What the images stand on: an image of the store, one that is fetched, or a root file system of packages."""

import json

import pytest

from tests.functional.world import Outcome, World

NO_BOOTSTRAP = """\
error: there is no way to bootstrap rocky from its package archive
hint: name an image that the engine can pull with --base-image, and --base-source registry
"""
BOOTSTRAPPED = """\
bookworm: bootstrapping (log: ~/cache/kollage/logs/RUN/bookworm.log)
bookworm: bootstrapped in 0s
base: building (log: ~/cache/kollage/logs/RUN/base.log)
base: built in 0s

image     result        time    size  reason
bookworm  bootstrapped    0s  100 MB  made from the package archive
base      built           0s  100 MB  never built

2 built in 0s
"""


def test_a_base_image_of_the_store_is_used_as_it_is(world: World) -> None:
    assert world.run("build", "--nopull", "^base$").code == 0
    assert world.order("base")["from"] == ["example.org/debian:trixie"]
    assert "pull" not in [call[0] for call in world.notes("calls")]


def test_a_base_image_of_the_store_will_do_where_no_registry_has_a_newer_one(world: World) -> None:
    assert world.run("build", "^base$").code == 0
    assert world.order("base")["from"] == ["example.org/debian:trixie"]
    assert len([call for call in world.notes("calls") if call[0] == "pull" and "--help" not in call]) == 1


def test_a_base_image_that_is_not_there_is_fetched_once(world: World) -> None:
    world.behave(registry=["example.org/rocky:10"])
    flags = ("--base", "rocky", "--base-image", "example.org/rocky", "--nopull", "^base$")
    assert world.run("build", *flags).code == 0
    assert world.run("build", *flags).out.endswith("\n1 reused in 0s\n")
    fetched = [call for call in world.notes("calls") if call[0] == "pull" and "--help" not in call]
    assert [call[-1] for call in fetched] == ["example.org/rocky:10"]
    assert world.built() == ["base"]


def test_a_base_whose_name_says_a_tag_keeps_it(world: World) -> None:
    world.behave(registry=["example.org/rocky:10.1"])
    assert world.run("build", "--base", "rocky", "--base-image", "example.org/rocky:10.1", "^base$").code == 0


def test_another_base_image_makes_other_images(world: World) -> None:
    world.run("build", "^base$")
    world.behave(registry=["example.org/other:trixie"])
    outcome = world.run("build", "--base-image", "example.org/other", "^base$")
    assert "its parent example.org/other:trixie changes: it is another one than before" in outcome.out
    assert world.built() == ["base", "base"]


def test_rocky_is_pulled_from_its_registry_where_no_image_is_named(world: World) -> None:
    world.configure(f"[DEFAULT]\nimages_dir = {world.images}\n")
    world.behave(registry=["quay.io/rockylinux/rockylinux:10"])
    assert world.run("build", "--base", "rocky", "^base$").code == 0
    assert world.order("base")["from"] == ["quay.io/rockylinux/rockylinux:10"]


def test_rocky_cannot_be_bootstrapped(world: World) -> None:
    assert world.run("build", "--base", "rocky", "--base-source", "bootstrap") == Outcome(2, "", NO_BOOTSTRAP)
    assert world.built() == []


@pytest.mark.parametrize("source", [(), ("--base-source", "registry")])
def test_a_base_image_that_was_named_and_cannot_be_had_is_an_error(world: World, source: tuple[str, ...]) -> None:
    outcome = world.run("build", "--base-tag", "bookworm", *source)
    assert (outcome.code, world.built()) == (3, [])
    message, hint = outcome.err.splitlines()
    assert message.startswith("error: the base image example.org/debian:bookworm cannot be fetched: Error: ")
    assert message.endswith("no such host")
    assert hint == "hint: name one that the engine can reach with --base-image, or use --base-source bootstrap"


def test_where_nothing_can_be_bootstrapped_nobody_is_sent_there(world: World) -> None:
    outcome = world.run("build", "--base", "rocky", "--base-tag", "9")
    assert outcome.code == 3
    assert outcome.err.splitlines()[1] == "hint: name one that the engine can reach with --base-image"


def test_with_no_image_named_debian_is_made_of_its_packages(world: World) -> None:
    world.configure(f"[DEFAULT]\nimages_dir = {world.images}\n")
    outcome = world.run("build", "--base-tag", "bookworm", "^base$")
    assert outcome == Outcome(0, BOOTSTRAPPED, "")
    assert "pull" not in [call[0] for call in world.notes("calls")]
    (bootstrap,) = world.notes("bootstraps")
    assert (bootstrap["suite"], bootstrap["epoch"]) == ("bookworm", "1793491200")  # 2026-11-01, at midnight UTC


def test_what_was_bootstrapped_is_used_again(world: World) -> None:
    flags = ("--base-source", "bootstrap", "^base$")
    world.run("build", *flags)
    outcome = world.run("build", *flags)
    assert "trixie: bootstrap reused, bootstrapped before\nbase: reused, unchanged\n" in outcome.out
    assert len(world.notes("bootstraps")) == 1
    assert world.built() == ["trixie", "base"]


def test_nothing_of_a_bootstrap_is_left_in_a_work_dir(world: World) -> None:
    work = world.root / "work"
    world.run("build", "--base-source", "bootstrap", "--work-dir", str(work), "^base$")
    assert [path.name for path in work.iterdir()] == ["docker"]


def test_a_bootstrap_that_fails_blocks_everything(world: World) -> None:
    (world.root / "bin/mmdebstrap").write_text("#!/bin/sh\necho E: no such suite\nexit 9\n", encoding="utf-8")
    outcome = world.run("build", "--base-source", "bootstrap", "--format", "json", "^base$")
    assert outcome.code == 1
    results = {result["image"]: (result["status"], result["reason"]) for result in json.loads(outcome.out)["results"]}
    assert results == {
        "trixie": ("failed", "mmdebstrap answered with exit status 9"),
        "base": ("blocked", "trixie failed"),
    }


def test_a_missing_mmdebstrap_is_named_with_the_package_to_install(world: World) -> None:
    (world.root / "bin/mmdebstrap").unlink()
    outcome = world.run("build", "--base-source", "bootstrap", "^base$")
    assert outcome.code == 1
    assert "the program 'mmdebstrap' is not installed\n" in outcome.out
    assert "install the package that provides 'mmdebstrap'\n" in outcome.out
