"""Kolla's own forms, so that what reads them goes on reading."""

from dataclasses import replace
from pathlib import Path

import pytest

from kollage.report.kolla import dependencies, list_lines, summary
from kollage.results import Result, Status

PARENTS = {
    "nova-api": "nova-base",
    "openstack-base": "base",
    "cron": "base",
    "nova-base": "openstack-base",
    "base": None,
    "nova-compute": "nova-base",
}


def result(step: str, status: Status, **more: str) -> Result:
    return Result(step=step, image=step.partition(":")[2], status=status, **more)  # type: ignore[arg-type]


def test_dependencies_nest_children_and_name_leaves() -> None:
    assert dependencies(PARENTS, PARENTS) == {
        "base": ["cron", {"openstack-base": [{"nova-base": ["nova-api", "nova-compute"]}]}]
    }


def test_a_parent_without_a_matched_child_is_no_leaf() -> None:
    assert dependencies(PARENTS, {"base", "openstack-base"}) == {"base": [{"openstack-base": []}]}


def test_what_stands_on_an_image_that_is_not_matched_is_not_shown() -> None:
    assert dependencies(PARENTS, {"nova-api", "cron"}) == {"base": ["cron"]}


def test_of_several_images_without_a_parent_those_that_are_matched_are_shown() -> None:
    parents = {**PARENTS, "own": None}
    assert dependencies(parents, {"own"}) == {"own": []}
    assert dependencies(parents, {"cron"}) == {"base": ["cron"], "own": []}


def test_the_list_is_numbered() -> None:
    assert list_lines(["base", "cron"]) == "1 : base\n2 : cron\n"
    assert list_lines([]) == ""


def test_every_key_is_there_even_if_nothing_happened() -> None:
    assert summary([]) == {"built": [], "failed": [], "not_matched": [], "skipped": [], "unbuildable": []}


def names(entries: list[dict[str, object]]) -> list[object]:
    return [entry["name"] for entry in entries]


def test_images_are_sorted_into_kollas_classes_by_name() -> None:
    told = summary(
        [
            result("build:keystone", Status.REUSED),
            result("build:base", Status.BUILT),
            result("build:cron", Status.SKIPPED, reason="--skip-existing"),
            result("build:fluentd", Status.PULLED, reason="--skip-existing"),
        ],
        not_matched=["zun-api", "aodh-api"],
        skipped=["nova-base", "cron"],
        unbuildable={"tgtd": "not packaged"},
    )
    assert names(told["built"]) == ["base", "keystone"]
    assert told["not_matched"] == [{"name": "aodh-api"}, {"name": "zun-api"}]
    assert told["skipped"] == [
        {"name": "cron", "reason": "--skip-existing"},
        {"name": "fluentd", "reason": "--skip-existing"},
        {"name": "nova-base"},
    ]
    assert told["unbuildable"] == [{"name": "tgtd", "reason": "not packaged"}]


def test_failures_carry_kollas_words() -> None:
    told = summary(
        [
            result("build:a", Status.FAILED),
            result("build:b", Status.BLOCKED),
            result("build:c", Status.BUILT),
            result("push:c", Status.FAILED),
            result("build:d", Status.CANCELLED),
            result("verify:e", Status.FAILED),
        ],
        allowed_to_fail=["b"],
    )
    assert [(each["name"], each["status"], each["allowed_to_fail"]) for each in told["failed"]] == [
        ("a", "error", False),
        ("b", "parent_error", True),
        ("c", "push_error", False),
        ("d", "unprocessed", False),
        ("e", "error", False),
    ]
    assert told["built"] == []


def test_an_image_is_told_once_and_by_its_gravest_end() -> None:
    pushed = [result("push:a", Status.PUSHED, reason="--push"), result("build:a", Status.BUILT, reason="never built")]
    assert [entry["reason"] for entry in summary(pushed)["built"]] == ["never built"]
    blocked = [result("push:a", Status.BLOCKED), result("build:a", Status.FAILED)]
    assert [entry["status"] for entry in summary(blocked)["failed"]] == ["error"]


def test_only_a_push_that_was_tried_is_a_push_error() -> None:
    [entry] = summary([result("build:a", Status.BUILT), result("push:a", Status.BLOCKED)])["failed"]
    assert entry["status"] == "parent_error"


def test_a_bootstrapped_base_is_told_only_where_it_failed() -> None:
    for status in (Status.BUILT, Status.REUSED, Status.CANCELLED):
        assert summary([result("bootstrap:trixie", status)]) == summary([])
    assert names(summary([result("bootstrap:trixie", Status.FAILED)])["failed"]) == ["trixie"]


@pytest.mark.parametrize("status", [Status.FETCHED, Status.LEFT])
def test_of_sources_that_were_fetched_ahead_nothing_is_told(status: Status) -> None:
    built = result("build:a", Status.BUILT)
    assert summary([result("fetch:a", status), built]) == summary([built])


def test_an_entry_says_more_than_kolla_does() -> None:
    built = replace(
        result("build:cron", Status.BUILT, reason="never built", reference="kolla/cron:1"),
        seconds=1.23456,
        size=10,
        log=Path("logs/cron.log"),
    )
    entry = {
        "name": "cron",
        "reason": "never built",
        "seconds": 1.235,
        "size": 10,
        "reference": "kolla/cron:1",
        "log": "logs/cron.log",
    }
    assert summary([built])["built"] == [entry]
    failed = replace(built, status=Status.FAILED, log=None)
    assert summary([failed])["failed"] == [{**entry, "log": None, "status": "error", "allowed_to_fail": False}]
