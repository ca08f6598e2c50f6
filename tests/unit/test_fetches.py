"""Sources are fetched ahead where one is not here, each before the build that needs it and before no other."""

from typing import Any

import pytest

from kollage.fetches import with_fetches
from kollage.sources import Pin
from kollage.steps import Action, Decision, Lane, Plan, Step

HERE = Pin(name="requirements", type="url", identity="url:http://a/r.tar.gz#sha256:aa", location="http://a/r.tar.gz")
AWAY = Pin(name="app", type="pypi", identity="pypi:app==1", location="app", version="1")
GIT = Pin(name="plugin", type="git", identity="git:http://a/p@c0ffee#top", location="http://a/p")


def step(name: str, *needs: str, action: Action = Action.BUILD, **more: Any) -> Step:
    decision = Decision(action=action, reason="because")
    return Step(
        id=name, image=name.partition(":")[2], decision=decision, identity="i", reference="r", needs=needs, **more
    )


def planned(*steps: Step, **pins: tuple[Pin, ...]) -> dict[str, Step]:
    plan = Plan(steps={each.id: each for each in steps})
    packed = {image: {"app-archive": pinned[:1], "plugins-archive": pinned[1:]} for image, pinned in pins.items()}
    return dict(with_fetches(plan, packed, lambda pin: pin == HERE).steps)


def test_a_build_whose_sources_are_not_here_waits_for_them_and_for_what_it_waited_for() -> None:
    steps = planned(step("build:base"), step("build:app", "build:base", priority=7.0), app=(AWAY, GIT, HERE))
    assert list(steps) == ["build:base", "fetch:app", "build:app"]
    assert steps["build:app"].needs == ("build:base", "fetch:app")
    ahead = steps["fetch:app"]
    assert (ahead.image, ahead.needs, ahead.lane, ahead.priority) == ("app", (), Lane.FETCH, 7.0)
    assert ahead.decision == Decision(action=Action.FETCH, reason="not here yet: pypi:app==1, git:http://a/p@c0ffee")


@pytest.mark.parametrize("pins", [(), (HERE,), (HERE, HERE)])
def test_a_build_that_has_all_waits_for_nothing_more(pins: tuple[Pin, ...]) -> None:
    built = step("build:app", "build:base")
    assert planned(step("build:base"), built, app=pins)["build:app"] == built


@pytest.mark.parametrize("action", [Action.REUSE, Action.PULL, Action.SKIP, Action.PUBLISHED])
def test_for_what_is_not_built_nothing_is_fetched(action: Action) -> None:
    kept = step("build:app", action=action)
    assert planned(kept, app=(AWAY,)) == {"build:app": kept}


def test_of_a_base_nothing_is_known_and_nothing_fetched() -> None:
    assert list(planned(step("bootstrap:trixie", action=Action.BOOTSTRAP))) == ["bootstrap:trixie"]
