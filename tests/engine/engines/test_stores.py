"""What every engine's store does alike: names, removal, and what it tells of itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kollage.engines.docker import Docker
from kollage.process import CommandError
from tests.engine.engines.conftest import BASE, STORES, Bench

pytestmark = pytest.mark.engine


@contextmanager
def container(bench: Bench, image: str) -> Iterator[None]:
    """A container that is made from an image, and not started."""
    verb = ("from", "--pull=never") if bench.engine.name == "buildah" else ("create",)
    made = bench.ask(*verb, image, *(["true"] if verb[0] == "create" else [])).strip()
    try:
        yield
    finally:
        bench.ask("rm", made)


def made(bench: Bench, what: str, parent: str = BASE) -> str:
    """The name of an image that is like no other."""
    return bench.build(f"FROM {parent}\nRUN echo {bench.id} {what} > /what\n")


class TestNames:
    engines = STORES

    def test_an_image_can_have_many(self, bench: Bench) -> None:
        first, second, third = made(bench, "named"), bench.name(), bench.name()
        bench.engine.tag(first, second)
        bench.engine.tag(bench.named(first), third)
        assert bench.named(first) == bench.named(second) == bench.named(third) != ""

    def test_a_name_belongs_to_the_last_that_got_it(self, bench: Bench) -> None:
        first, second = made(bench, "had a name"), made(bench, "has it now")
        before = bench.named(first)
        bench.engine.tag(second, first)
        assert bench.named(first) == bench.named(second)
        assert [local.references for local in bench.engine.images() if local.id == before] == [()]

    def test_what_is_not_there_gets_none(self, bench: Bench) -> None:
        with pytest.raises(CommandError):
            bench.engine.tag("t/nothing:1", "t/something:1")


class TestRemoval:
    engines = STORES

    def test_an_image_goes_by_its_name(self, bench: Bench) -> None:
        name = made(bench, "to go by name")
        bench.engine.remove([name])
        assert bench.named(name) == ""

    def test_and_by_its_id_with_all_its_names(self, bench: Bench) -> None:
        name, other = made(bench, "to go by id"), bench.name()
        bench.engine.tag(name, other)
        identity = bench.named(name)
        bench.engine.remove([identity])
        assert identity not in {local.id for local in bench.engine.images()}

    def test_one_of_two_names_leaves_the_image(self, bench: Bench) -> None:
        name, other = made(bench, "to stay"), bench.name()
        bench.engine.tag(name, other)
        bench.engine.remove([name])
        assert bench.named(name) == ""
        assert bench.named(other) != ""

    def test_a_parent_goes_with_its_children_in_whatever_order(self, bench: Bench) -> None:
        parent = made(bench, "parent")
        child = made(bench, "child", parent)
        identities = [bench.named(parent), bench.named(child)]
        bench.engine.remove(identities)
        assert {local.id for local in bench.engine.images()}.isdisjoint(identities)

    def test_one_without_a_name_goes_too(self, bench: Bench) -> None:
        name = made(bench, "nameless")
        identity = bench.named(name)
        bench.engine.tag(BASE, name)
        bench.engine.remove([identity])
        assert identity not in {local.id for local in bench.engine.images()}

    def test_what_a_container_stands_on_stays(self, bench: Bench) -> None:
        name = made(bench, "in use")
        identity = bench.named(name)
        with container(bench, name):
            with pytest.raises(CommandError):
                bench.engine.remove([name])
            assert identity in {local.id for local in bench.engine.images()}
        bench.engine.remove([identity])

    def test_what_is_not_there_is_an_error(self, bench: Bench) -> None:
        with pytest.raises(CommandError):
            bench.engine.remove(["t/nothing:1"])


class TestFacts:
    def test_the_version_is_a_number(self, bench: Bench) -> None:
        assert bench.engine.version()[0].isdecimal()

    def test_there_is_room(self, bench: Bench) -> None:
        usage = os.statvfs(bench.folder)
        assert 0 < bench.engine.free_bytes() <= usage.f_blocks * usage.f_frsize

    def test_a_report_of_a_bug_says_what_is_needed(self, bench: Bench) -> None:
        about = bench.engine.about()
        assert about["version"] == bench.engine.version()
        assert Path(about["store"]).is_relative_to(bench.folder)
        assert about["driver"].startswith("overlay")
        assert about["rootless"] == "False"
        assert int(about["free"]) > 0
        assert "unknown" not in about.values()
        if isinstance(bench.engine, Docker):
            assert about["builder"] == ("the classic builder" if bench.classic else "BuildKit")

    def test_what_cannot_be_found_out_is_unknown(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")
        about = bench.engine.about()
        assert {about[name] for name in ("version", "store", "driver", "rootless", "free")} == {"unknown"}


def test_no_container_of_a_build_that_went_well_is_left(bench: Bench) -> None:
    before = dict(bench.engine.unfinished())
    made(bench, "without remains")
    assert bench.engine.unfinished() == before


def test_other_containers_are_not_taken_for_those_of_builds(bench: Bench) -> None:
    if bench.engine.name == "buildah":
        pytest.skip("all its containers are of builds")
    before = dict(bench.engine.unfinished())
    with container(bench, BASE):
        assert bench.engine.unfinished() == before
