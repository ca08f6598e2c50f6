"""Verifications are steps: behind the build of their image, and behind the services that it needs beside it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kollage.catalogue import Catalogue
from kollage.errors import UsageError
from kollage.graph import Graph
from kollage.image import Image, Verify
from kollage.options import Options
from kollage.proofs import Known, connected, proof_plan, single_plan, with_proofs
from kollage.steps import Action, Decision, Lane, Plan, Step

NEEDS: Mapping[str, tuple[str, ...]] = {
    "app": ("db", "queue"),
    "db": (),
    "queue": (),
    "tool": (),
    "user": ("identity",),
    "identity": ("db",),
}
IMAGES = {
    name: Image(name=name, folder=Path(name), description="", parent=None, verify=Verify(needs=needs))
    for name, needs in NEEDS.items()
}
STORE = {f"kolla/{name}:1": f"id-{name}" for name in NEEDS}


def known(store: Mapping[str, str] = STORE, passed: Collection[str] = ()) -> Known:
    return Known(
        catalogue=Catalogue(root=Path("images"), images=IMAGES, accounts={}, repositories={}),
        options=Options(tag="1"),
        names=store,
        passed=lambda _image, identity: identity in passed,
    )


def graph(*wanted: str) -> Graph:
    return Graph(images=(), wanted=frozenset(wanted), excluded={})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("db", {"app", "db", "identity", "queue", "user"}), ("app", {"app", "db", "identity", "queue", "user"})],
)
def test_services_that_need_each_other_are_connected(name: str, expected: set[str]) -> None:
    assert connected(IMAGES[name], known().catalogue) == expected


def test_one_that_nobody_needs_is_alone() -> None:
    assert connected(IMAGES["tool"], known().catalogue) == {"tool"}


def built(name: str, action: Action, found: str = "") -> Step:
    decision = Decision(action=action, reason="")
    return Step(
        id=f"build:{name}", image=name, decision=decision, identity="f", reference=f"kolla/{name}:1", found=found
    )


def needs(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {name: step.needs for name, step in plan.steps.items()}


def test_what_is_in_the_store_is_verified_with_what_it_needs_beside_it() -> None:
    assert needs(proof_plan(graph("app", "tool"), known())) == {
        "start:db": (),
        "start:queue": (),  # neither waits for the other
        "verify:app": ("start:db", "start:queue"),
        "verify:tool": (),
    }


def test_steps_that_verify_have_a_lane_of_their_own() -> None:
    assert {step.lane for step in proof_plan(graph("app"), known()).steps.values()} == {Lane.VERIFY}


def test_what_passed_before_needs_nothing_and_nothing_is_started_for_it() -> None:
    plan = proof_plan(graph("app", "tool"), known(passed=["id-app"]))
    assert needs(plan) == {"verify:app": (), "verify:tool": ()}
    assert plan.steps["verify:app"].decision.action is Action.PASSED
    assert plan.steps["verify:tool"].decision.action is Action.VERIFY


def test_a_service_that_is_not_there_is_not_waited_for() -> None:
    store = {name: image for name, image in STORE.items() if "queue" not in name}
    assert needs(proof_plan(graph("app"), known(store)))["verify:app"] == ("start:db",)


def test_nothing_to_verify_is_an_error() -> None:
    with pytest.raises(UsageError, match="none of these images is in the store: kolla/app:1"):
        proof_plan(graph("app"), known({}))


def test_an_image_that_is_built_is_verified_behind_its_build() -> None:
    steps = [built("app", Action.BUILD), built("db", Action.REUSE, "id-db"), built("tool", Action.SKIP, "id-tool")]
    plan = with_proofs(Plan(steps={step.id: step for step in steps}), known({}, passed=["id-db"]))
    assert needs(plan) == {
        **{step.id: () for step in steps},
        "start:db": ("build:db",),
        "verify:app": ("build:app", "start:db"),
        "verify:db": ("build:db",),
    }
    assert plan.steps["verify:db"].decision.action is Action.PASSED


def test_an_image_of_another_tool_is_verified_by_its_own_name() -> None:
    store = {**STORE, "elsewhere/thing:7": "id-thing"}
    step = single_plan("app", "elsewhere/thing:7", known(store)).steps["verify:app"]
    assert step == replace(step, reference="elsewhere/thing:7", found="id-thing", needs=("start:db", "start:queue"))


def test_what_is_built_anew_is_not_taken_for_what_was_found() -> None:
    steps = {step.id: step for step in (built("tool", Action.BUILD, "old"), built("db", Action.REUSE, "id-db"))}
    plan = with_proofs(Plan(steps=steps), known(passed=["old"]))
    assert plan.steps["verify:tool"].found == ""
    assert plan.steps["verify:tool"].decision.action is Action.VERIFY
    assert plan.steps["verify:db"].found == "id-db"


def test_a_service_that_needs_others_is_verified_first_and_starts_behind_them() -> None:
    assert needs(proof_plan(graph("user", "identity"), known())) == {
        "start:db": (),
        "start:identity": ("start:db", "verify:identity"),  # both would listen on the same port
        "verify:identity": ("start:db",),
        "verify:user": ("start:identity",),
    }


def test_a_service_that_nobody_verifies_starts_behind_what_it_needs() -> None:
    plan = proof_plan(graph("user"), known())
    assert needs(plan) == {"start:db": (), "start:identity": ("start:db",), "verify:user": ("start:identity",)}
    assert list(plan.steps) == ["start:db", "start:identity", "verify:user"]


def test_services_that_need_each_other_are_no_endless_task() -> None:
    circle = {
        name: Image(name=name, folder=Path(name), description="", parent=None, verify=Verify(needs=(need,)))
        for name, need in {"app": "tool", "tool": "app"}.items()
    }
    some = replace(known(), catalogue=Catalogue(root=Path("images"), images=circle, accounts={}, repositories={}))
    assert set(needs(proof_plan(graph("app"), some))) == {"start:app", "start:tool", "verify:app"}
