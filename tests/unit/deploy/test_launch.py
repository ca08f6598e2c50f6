"""A course is carried out: in order, in parallel where it may be, and what fails is left to be looked at."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tests.unit.deploy.clouds import catalogue, decided
from tests.unit.deploy.fake_runner import FakeRunner

from kollage.deploy.cloud import Cloud
from kollage.deploy.launch import Site, launch
from kollage.deploy.steps import course
from kollage.report import Silent
from kollage.results import Result, Status


def small(tmp_path: Path, **seconds: int) -> Cloud:
    """A cloud whose services have only so much time."""
    cloud = decided(catalogue(tmp_path))
    parts = {
        name: replace(part, unit=replace(part.unit, seconds=seconds.get(name, part.unit.seconds), healthy="true"))
        for name, part in cloud.parts.items()
    }
    return replace(cloud, parts=MappingProxyType(parts))


def launched(cloud: Cloud, runner: FakeRunner) -> tuple[dict[str, Result], dict[str, str]]:
    kept: dict[str, str] = {}

    def keep(done: Mapping[str, str]) -> None:
        kept.update(done)

    site = Site(cloud=cloud, runner=runner, listener=Silent(), patience=1, done={}, keep=keep)
    results = launch(course(cloud, {}, {}), site)
    return {result.image: result for result in results}, kept


def test_everything_is_made_at_once_and_started_after_what_it_needs(tmp_path: Path) -> None:
    cloud, runner = small(tmp_path), FakeRunner()
    results, kept = launched(cloud, runner)
    assert {result.status for result in results.values()} == {Status.STARTED}
    assert runner.said[:2] == ["remove ", "create haproxy mariadb databases keystone nova-api"]
    order = [word for word in runner.said[2:] if word != "start haproxy"]
    assert order == ["start mariadb", "start databases", "start keystone", "start nova-api"]
    assert kept == {
        "databases": cloud.parts["databases"].digest,
        **{name: f"start of {name}" for name in ("haproxy", "keystone", "mariadb", "nova-api")},
    }


def test_a_job_that_fails_is_named_with_its_last_lines_and_what_waits_for_it_does_not_begin(tmp_path: Path) -> None:
    runner = FakeRunner(codes={"databases": 3})
    results, kept = launched(small(tmp_path), runner)
    assert results["databases"].status is Status.FAILED
    assert results["databases"].reason.startswith("it ended with 3\nsee `kollage logs databases`")
    assert results["databases"].tail == ("databases says this",)
    assert (results["keystone"].status, results["keystone"].reason) == (Status.BLOCKED, "databases failed")
    assert "start keystone" not in runner.said
    assert "databases" not in kept
    assert kept["mariadb"] == "start of mariadb"


def test_a_service_that_does_not_get_well_in_time_is_named(tmp_path: Path) -> None:
    results, _ = launched(small(tmp_path, mariadb=0), FakeRunner(sick=frozenset({"mariadb"})))
    assert results["mariadb"].reason.startswith("it was not healthy within 0 s: no answer")
    assert results["mariadb"].tail == ("mariadb says this",)


def test_a_service_that_ends_again_and_again_is_not_waited_for(tmp_path: Path) -> None:
    results, _ = launched(small(tmp_path), FakeRunner(restless=frozenset({"mariadb"})))
    assert results["mariadb"].reason.startswith("it ends again and again by itself")


def test_what_cannot_be_started_fails_alone(tmp_path: Path) -> None:
    results, _ = launched(small(tmp_path), FakeRunner(broken=frozenset({"haproxy"})))
    assert results["haproxy"].status is Status.FAILED
    assert results["nova-api"].status is Status.STARTED
