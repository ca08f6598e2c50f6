from dataclasses import replace

from kollage.distributed.placement import Load, Placement, loads
from kollage.plan import Action, Decision, Plan, Step

LARGE = 50e9  # bytes: more than any wait is worth
SMALL = 1e3


def load(
    parent: str = "", *, path: float = 10, layer: float = SMALL, behind: float = SMALL, kind: str = "amd64"
) -> Load:
    return Load(kind=kind, seconds=10, path=path, layer=layer, behind=behind, parent=parent)


def placed(placement: Placement) -> dict[str, str]:
    return {step: host for host, step, _ in placement.assigned()}


def test_the_longest_path_goes_first() -> None:
    placement = Placement({"short": load(path=1), "long": load(path=9)})
    placement.joined("one", 1, ["amd64"])
    placement.release("short")
    placement.release("long")
    assert placed(placement) == {"long": "one"}


def test_who_holds_the_parent_takes_the_child_and_an_idle_host_does_not() -> None:
    placement = Placement({"base": load(layer=LARGE, behind=LARGE), "app": load("base")})
    for name in ("one", "two"):
        placement.joined(name, 1, ["amd64"])
    placement.release("base")
    (builder,) = placed(placement).values()
    placement.ended(builder)
    placement.holds(builder, "base")
    placement.release("app")
    assert placed(placement) == {"app": builder}


def test_a_child_whose_holder_is_busy_waits_for_it_where_the_pull_would_not_pay() -> None:
    placement = Placement({"base": load(layer=LARGE, behind=LARGE), "a": load("base"), "b": load("base")})
    placement.joined("one", 1, ["amd64"])
    placement.release("base")
    placed(placement)
    placement.ended("one")
    placement.holds("one", "base")
    placement.joined("two", 1, ["amd64"])
    for name in ("a", "b"):
        placement.release(name)
    assert list(placed(placement).values()) == ["one"]
    assert len(placement.ready()) == 1


def test_an_idle_host_takes_what_much_stands_on() -> None:
    children = {name: load("base", behind=100 * SMALL) for name in "abc"}
    placement = Placement({"base": load(), **children})
    placement.joined("one", 1, ["amd64"])
    placement.release("base")
    placed(placement)
    placement.ended("one")
    placement.holds("one", "base")
    placement.joined("two", 1, ["amd64"])
    for name in children:
        placement.release(name)
    assert set(placed(placement).values()) == {"one", "two"}


def test_of_what_pays_an_idle_host_takes_that_for_which_it_has_to_pull_least() -> None:
    many = {f"{base}-{n}": load(base, behind=100 * LARGE) for base in ("far", "near") for n in range(9)}
    placement = Placement({"far": load(layer=1e9), "near": load(layer=2e9), **many})
    for name in ("one", "two"):
        placement.joined(name, 1, ["amd64"])
    placement.holds("one", "far")
    placement.holds("one", "near")
    for name in many:
        placement.release(name)
    found = {host: (step, pulled) for host, step, pulled in placement.assigned()}
    assert found["two"][0].startswith("far")
    assert found["two"][1] == 1e9


def test_a_host_that_has_gone_holds_nothing_and_what_waited_for_it_goes_elsewhere() -> None:
    placement = Placement({"base": load(layer=LARGE, behind=LARGE), "app": load("base")})
    placement.joined("one", 1, ["amd64"])
    placement.joined("two", 1, ["amd64"])
    placement.holds("one", "base")
    placement.release("app")
    placement.left("one")
    assert placed(placement) == {"app": "two"}


def test_a_host_takes_only_what_it_can() -> None:
    placement = Placement({"arm": load(kind="arm64"), "amd": load()})
    placement.joined("one", 2, ["arm64"])
    for name in ("arm", "amd"):
        placement.release(name)
    assert placed(placement) == {"arm": "one"}


def test_a_step_that_is_withdrawn_is_taken_by_nobody() -> None:
    placement = Placement({"app": load()})
    placement.joined("one", 1, ["amd64"])
    placement.release("app")
    placement.withdraw("app")
    assert placed(placement) == {}
    assert not placement.ready()


def test_the_loads_of_a_plan_know_what_stands_on_each_step() -> None:
    decision = Decision(action=Action.BUILD, reason="new")
    base = Step(id="build:base", image="base", decision=decision, identity="", reference="", priority=30.0)
    app = replace(base, id="build:app", image="app", needs=("build:base",), priority=20.0)
    kinds = {"build:base": "any", "build:app": "any"}
    found = loads(Plan(steps={each.id: each for each in (base, app)}), kinds, {"build:base": 100_000_000})
    assert (found["build:base"].seconds, found["build:app"].seconds) == (10.0, 20.0)
    assert found["build:app"].parent == "build:base"
    assert found["build:base"].behind == found["build:base"].layer + found["build:app"].layer
