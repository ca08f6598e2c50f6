"""What an order says comes to every engine in the same words and in the same order."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kollage import process
from kollage.engines import BuildOrder, Local
from kollage.engines.arguments import (
    answered,
    build_arguments,
    bytes_of,
    each,
    facts,
    look_for_newer_parents,
    merged,
    mount_arguments,
    pairs,
    remove_each,
    require_one_platform,
)
from kollage.engines.buildah import Buildah
from kollage.engines.podman import Podman
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError


def test_a_flag_is_given_once_for_every_value() -> None:
    assert each("--tag", ["a:1", "b:2"]) == ["--tag=a:1", "--tag=b:2"]
    assert each("--tag", []) == []


def test_pairs_come_in_order_of_their_names() -> None:
    assert pairs({"b": 2, "a": "1 = one"}) == ["a=1 = one", "b=2"]


def test_an_order_says_no_more_than_it_has() -> None:
    order = BuildOrder(context=Path("c"), dockerfile=Path("c/Dockerfile"), references=("kolla/cron:1",))
    assert build_arguments(order) == ["--network=host", "--file=c/Dockerfile", "--tag=kolla/cron:1"]


def test_all_of_an_order_is_told() -> None:
    order = BuildOrder(
        context=Path("c"),
        dockerfile=Path("d"),
        references=("kolla/cron:1", "kolla/cron:fp-01"),
        labels={"version": "1", "title": "two words"},
        build_args={"B": "2", "A": "$HOME"},
        inherited={"TOKEN": "hidden", "PROXY": "http://user:hidden@proxy"},
        secrets={"network": Path("s/network"), "ca-bundle": Path("s/ca")},
        contexts={"tools": Path("t")},
        platform="linux/arm64",
        network="none",
    )
    assert build_arguments(order) == [
        "--network=none",
        "--file=d",
        "--tag=kolla/cron:1",
        "--tag=kolla/cron:fp-01",
        "--label=title=two words",
        "--label=version=1",
        "--build-arg=A=$HOME",
        "--build-arg=B=2",
        "--build-arg=PROXY",
        "--build-arg=TOKEN",
        "--platform=linux/arm64",
    ]
    assert mount_arguments(order) == [
        "--build-context=tools=t",
        "--secret=id=ca-bundle,src=s/ca",
        "--secret=id=network,src=s/network",
    ]


def test_what_may_be_secret_is_not_shown_with_an_order() -> None:
    order = BuildOrder(context=Path("c"), dockerfile=Path("d"), references=(), inherited={"TOKEN": "hidden"})
    assert "hidden" not in repr(order)


class TestRemoval:
    STORE = (Local(id="01", references=("cron:1", "cron:2")), Local(id="02", references=()))

    def test_an_id_stands_for_all_names_of_the_image(self) -> None:
        removed: list[str] = []
        remove_each(["01", "02", "other:1"], self.STORE, removed.append)
        assert removed == ["cron:1", "cron:2", "02", "other:1"]

    def test_a_parent_waits_until_its_child_has_gone(self) -> None:
        gone: list[str] = []

        def remove(name: str) -> None:
            if name == "parent" and "child" not in gone:
                raise CommandError(["rmi", name], 1, ["has children"])
            gone.append(name)

        remove_each(["parent", "child"], (), remove)
        assert gone == ["child", "parent"]

    def test_what_cannot_go_is_an_error_when_the_others_have_gone(self) -> None:
        gone: list[str] = []

        def remove(name: str) -> None:
            if name.startswith("used"):
                raise CommandError(["rmi", name], 1, ["in use"])
            gone.append(name)

        with pytest.raises(CommandError) as caught:
            remove_each(["used:1", "free:1", "used:2", "free:2"], (), remove)
        assert caught.value.command == ("rmi", "used:1")
        assert gone == ["free:1", "free:2"]


def test_a_row_for_each_name_becomes_one_image() -> None:
    rows = [
        Local(id="01", references=("a:1",), size=7),
        Local(id="02", references=(), size=1),
        Local(id="01", references=("a:2",), size=7),
    ]
    assert merged(rows) == (Local(id="01", references=("a:1", "a:2"), size=7), Local(id="02", references=(), size=1))


class TestNewerParents:
    def order(self, folder: Path) -> BuildOrder:
        (folder / "Dockerfile").write_text("FROM a:1 AS one\nFROM b:1\nCOPY --from=one / /\n")
        return BuildOrder(context=folder, dockerfile=folder / "Dockerfile", references=("c:1",))

    def test_each_parent_is_pulled(self, tmp_path: Path) -> None:
        pulled: list[str] = []
        look_for_newer_parents(self.order(tmp_path), pulled.append, lambda _name: False, pulled.append)
        assert pulled == ["a:1", "b:1"]

    @pytest.mark.parametrize("there", [True, False])
    def test_where_that_fails_the_one_that_is_there_is_used(self, tmp_path: Path, there: bool) -> None:
        lines: list[str] = []

        def pull(name: str) -> None:
            raise CommandError(["pull", name], 1, ["no such host"])

        if there:
            look_for_newer_parents(self.order(tmp_path), pull, lambda _name: True, lines.append)
            assert lines == [f"no newer {name}:1 can be had; the one that is there is used" for name in "ab"]
        else:
            with pytest.raises(CommandError):
                look_for_newer_parents(self.order(tmp_path), pull, lambda _name: False, lines.append)


class TestFacts:
    def test_each_is_found_at_its_place(self) -> None:
        told = {"store": {"root": "/var", "count": 3}, "plain": False}
        places = {"store": "store.root", "count": "store.count", "plain": "plain"}
        assert facts(lambda: told, **places) == {"store": "/var", "count": "3", "plain": "False"}

    @pytest.mark.parametrize("told", [{}, {"store": None}, {"store": "text"}, [], None])
    def test_what_is_not_told_is_unknown(self, told: object) -> None:
        assert facts(lambda: told, store="store.root") == {"store": "unknown"}

    @pytest.mark.parametrize("error", [EngineError("there is none"), ValueError("that was no JSON")])
    def test_an_engine_that_does_not_answer_is_asked_once(self, error: Exception) -> None:
        asked: list[int] = []

        def ask() -> object:
            asked.append(1)
            raise error

        assert facts(ask, store="store", driver="driver") == {"store": "unknown", "driver": "unknown"}
        assert asked == [1]
        assert answered(ask) == "unknown"


def test_several_platforms_are_refused_where_there_can_be_one() -> None:
    order = BuildOrder(context=Path("c"), dockerfile=Path("d"), references=(), platform="linux/amd64,linux/arm64")
    with pytest.raises(
        UsageError, match=r"^buildah builds for one platform at a time, not for linux/amd64,linux/arm64$"
    ):
        require_one_platform(order, "buildah")
    require_one_platform(replace(order, platform="linux/arm64"), "buildah")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0B", 0),
        ("12 B", 12),
        ("1.5kB", 1_500),
        ("2.5 KB", 2_500),
        ("124 MB", 124_000_000),
        ("2.01MB", 2_010_000),  # times 10**6 it is a little less
        ("1.2GB", 1_200_000_000),
        ("3 TB", 3_000_000_000_000),
        (" 7 ", 7),
    ],
)
def test_a_size_in_words_is_a_number_of_bytes(text: str, size: int) -> None:
    assert bytes_of(text) == size


def test_a_build_may_not_ask_for_more_than_this_process_has() -> None:
    script = "import kollage.engines.arguments as a; print(*a.own_limits())"
    printed = process.run(["sh", "-c", f"ulimit -n 100; {sys.executable} -c '{script}'"])
    assert "nofile=100:100" in printed.split()


def test_limits_reach_the_command_line() -> None:
    order = BuildOrder(context=Path("/c"), dockerfile=Path("/c/Dockerfile"), references=("a:1",))
    for engine in (Buildah(limits=("nproc=9:9",)), Podman(limits=("nproc=9:9",))):
        assert "--ulimit=nproc=9:9" in engine.command(order)
