"""What an order says comes to every engine in the same words and in the same order."""

import sys
from pathlib import Path

import pytest

from kollage import process
from kollage.engines import BuildOrder
from kollage.engines.arguments import build_arguments, bytes_of, each, pairs
from kollage.engines.buildah import Buildah
from kollage.engines.podman import Podman


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
        "--build-context=tools=t",
        "--secret=id=ca-bundle,src=s/ca",
        "--secret=id=network,src=s/network",
        "--platform=linux/arm64",
    ]


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
