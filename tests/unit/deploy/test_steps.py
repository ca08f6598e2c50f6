"""What has to be done follows from what is there."""

from dataclasses import replace
from pathlib import Path

from tests.unit.deploy.clouds import catalogue, decided

from kollage.deploy.cloud import Cloud
from kollage.deploy.runner import Found
from kollage.deploy.steps import Course, course


def running(cloud: Cloud) -> dict[str, Found]:
    return {
        name: Found(
            unit=name,
            digest=part.digest,
            running=not part.unit.once,
            exit_code=0,
            restarts=0,
            since="then",
            once=part.unit.once,
        )
        for name, part in cloud.parts.items()
    }


def well(cloud: Cloud) -> dict[str, str]:
    return {name: part.digest if part.unit.once else "then" for name, part in cloud.parts.items()}


def reasons(found: Course) -> dict[str, str]:
    return {step.image: step.decision.reason for step in found.plan.steps.values()}


def test_at_first_everything_is_made_each_after_what_it_needs(tmp_path: Path) -> None:
    found = course(decided(catalogue(tmp_path)), {}, {})
    assert {step.image: step.needs for step in found.plan.steps.values()} == {
        "haproxy": (),
        "mariadb": (),
        "databases": ("start:mariadb",),
        "keystone": ("start:databases",),
        "nova-api": ("start:databases", "start:keystone"),
    }
    assert found.missing == ("haproxy", "mariadb", "databases", "keystone", "nova-api")
    assert found.outdated == ()


def test_what_more_waits_for_goes_first(tmp_path: Path) -> None:
    steps = course(decided(catalogue(tmp_path)), {}, {}).plan.steps
    assert steps["start:mariadb"].priority == 4
    assert steps["start:haproxy"].priority == 1


def test_where_all_is_well_nothing_is_done(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    assert course(cloud, running(cloud), well(cloud)) == Course(
        plan=course(cloud, running(cloud), well(cloud)).plan, outdated=(), missing=()
    )
    assert reasons(course(cloud, running(cloud), well(cloud))) == {}


def test_a_job_that_has_not_ended_well_is_done_again(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    done = well(cloud)
    del done["databases"]
    found = course(cloud, running(cloud), done)
    assert reasons(found) == {"databases": "it has not been done"}
    assert (found.outdated, found.missing) == (("databases",), ("databases",))


def test_a_service_that_ended_is_started_as_it_is(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    there = running(cloud)
    there["mariadb"] = Found(
        unit="mariadb", digest=cloud.parts["mariadb"].digest, running=False, exit_code=137, restarts=0
    )
    found = course(cloud, there, well(cloud))
    assert reasons(found) == {"mariadb": "it does not run"}
    assert (found.outdated, found.missing) == ((), ())


def test_a_service_whose_container_is_lost_is_made_anew(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    there = running(cloud)
    there["mariadb"] = replace(there["mariadb"], running=False, lost=True)
    found = course(cloud, there, well(cloud))
    assert reasons(found) == {"mariadb": "it does not run"}
    assert (found.outdated, found.missing) == (("mariadb",), ("mariadb",))


def test_a_service_that_was_never_seen_well_is_waited_for(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    done = {**well(cloud), "nova-api": "before its last start"}
    assert reasons(course(cloud, running(cloud), done)) == {"nova-api": "it has not been seen well since its start"}


def test_what_is_made_from_something_else_is_made_anew_and_what_is_not_wanted_goes(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    there = running(cloud)
    there["keystone"] = Found(unit="keystone", digest="old", running=True, exit_code=0, restarts=0)
    there["stray"] = Found(unit="stray", digest="x", running=True, exit_code=0, restarts=0)
    found = course(cloud, there, well(cloud))
    assert reasons(found) == {"keystone": "its image or its configuration is another one"}
    assert set(found.outdated) == {"stray", "keystone"}
    assert found.missing == ("keystone",)


def test_order_holds_through_what_is_well_already(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    done = {name: mark for name, mark in well(cloud).items() if name not in {"mariadb", "nova-api"}}
    steps = course(cloud, running(cloud), done).plan.steps
    assert steps["start:nova-api"].needs == ("start:mariadb",)
