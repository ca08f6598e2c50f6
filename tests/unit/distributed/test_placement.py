from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kollage.distributed.placement import Load, Placement, loads
from kollage.steps import Action, Decision, Plan, Step

LARGE = 50e9  # bytes: more than any wait is worth
SMALL = 1e3


def load(parent: str = "", *, path: float = 10, layer: float = SMALL, kind: str = "amd64", seconds: float = 10) -> Load:
    return Load(kind=kind, seconds=seconds, path=path, layer=layer, parent=parent)


def with_a_base(loads: Mapping[str, Load], *, hosts: Sequence[str] = ("one", "two")) -> Placement:
    """A placement whose host `one` has the base, and all else is ready."""
    placement = Placement(loads)
    for name in hosts:
        placement.joined(name, 1, ["amd64"])
    placement.release("base")
    assert [(host, step) for host, step, _ in placement.assigned()] == [("one", "base")]
    placement.ended("one")
    placement.holds("one", "base")
    for name in set(loads) - {"base"}:
        placement.release(name)
    return placement


def placed(placement: Placement) -> dict[str, str]:
    return {step: host for host, step, _ in placement.assigned()}


def test_the_longest_path_goes_first() -> None:
    placement = Placement({"short": load(path=1), "long": load(path=9)})
    placement.joined("one", 1, ["amd64"])
    placement.release("short")
    placement.release("long")
    assert placed(placement) == {"long": "one"}


def test_who_holds_the_parent_takes_the_child_and_an_idle_host_does_not() -> None:
    placement = with_a_base({"base": load(layer=LARGE), "app": load("base")})
    assert placed(placement) == {"app": "one"}


def test_a_child_whose_holder_is_busy_waits_for_it_where_the_pull_would_not_pay() -> None:
    placement = with_a_base({"base": load(layer=LARGE), "a": load("base"), "b": load("base")})
    assert list(placed(placement).values()) == ["one"]
    assert len(placement.ready()) == 1


def test_an_idle_host_takes_a_child_where_the_pull_is_sooner_than_the_holder() -> None:
    placement = with_a_base({"base": load(), **{name: load("base") for name in "abc"}})
    assert set(placed(placement).values()) == {"one", "two"}


def test_a_child_that_would_wait_far_longer_than_all_that_is_left_takes_is_taken_whatever_is_pulled() -> None:
    large = {name: load("base", seconds=1000) for name in "abc"}
    placement = with_a_base({"base": load(layer=LARGE), **large})
    assert set(placed(placement).values()) == {"one", "two"}


def test_the_more_hosts_have_an_image_the_less_work_is_there_for_another_one() -> None:
    # what may be pulled is nearly three times the base; the second copy is worth as much, and the third is not
    children = {f"app-{n}": load("base", path=1, seconds=1, layer=1e9) for n in range(28)}
    hosts = [f"host-{n}" for n in range(9)]
    placement = with_a_base({"base": load(layer=1e9), **children}, hosts=("one", *hosts))
    assert sorted(pulled for _, _, pulled in placement.assigned()) == [0, 1e9]


def test_what_may_be_pulled_is_not_spent_twice_on_one_host() -> None:
    placement = with_a_base({"base": load(), **{name: load("base") for name in "abcd"}})
    pulled = {step: pulled for _, step, pulled in placement.assigned()}
    assert sorted(pulled.values()) == [0, SMALL]
    placement.ended("two")
    assert [(host, pulled) for host, _, pulled in placement.assigned()] == [("two", 0)]


def test_a_pull_that_takes_longer_than_the_wait_is_not_made_however_much_may_be_pulled() -> None:
    much = load(layer=1e12, kind="arm64")
    placement = with_a_base({"base": load(layer=2e9), "a": load("base"), "b": load("base"), "much": much})
    assert list(placed(placement).values()) == ["one"]


def test_what_was_pulled_is_not_there_for_another_pull_not_even_of_what_cannot_wait() -> None:
    # each of the two bases is less than any plan may pull, and both are more
    bases = {name: load(layer=4e8) for name in ("left", "right")}
    placement = Placement(bases | {f"{name}-app": load(name, path=1000) for name in bases})
    placement.joined("busy", 0, ["amd64"])
    placement.joined("idle", 2, ["amd64"])
    for name in bases:
        placement.holds("busy", name)
        placement.release(f"{name}-app")
    assert [(host, pulled) for host, _, pulled in placement.assigned()] == [("idle", 4e8)]


def test_of_what_pays_an_idle_host_takes_that_for_which_it_has_to_pull_least() -> None:
    many = {f"{base}-{n}": load(base, seconds=100) for base in ("far", "near") for n in range(9)}
    placement = Placement({"far": load(layer=2e7), "near": load(layer=4e7), **many})
    for name in ("one", "two"):
        placement.joined(name, 1, ["amd64"])
    placement.holds("one", "far")
    placement.holds("one", "near")
    for name in many:
        placement.release(name)
    found = {host: (step, pulled) for host, step, pulled in placement.assigned()}
    assert found["two"][0].startswith("far")
    assert found["two"][1] == 2e7


def with_two_bases(loads: Mapping[str, Load]) -> Placement:
    """A placement whose host has both bases, and another one, which is busy, has the first of them."""
    placement = Placement({"shared-base": load(layer=LARGE), "own-base": load(layer=LARGE), **loads})
    placement.joined("free", 1, ["amd64"])
    placement.joined("busy", 0, ["amd64"])
    for host, base in (("free", "shared-base"), ("free", "own-base"), ("busy", "shared-base")):
        placement.holds(host, base)
    for name in loads:
        placement.release(name)
    return placement


def test_a_host_takes_first_what_few_others_could_take() -> None:
    placement = with_two_bases({"shared": load("shared-base", path=9), "own": load("own-base", path=1)})
    assert placed(placement) == {"own": "free"}


def test_what_cannot_wait_goes_before_what_few_others_could_take() -> None:
    placement = with_two_bases({"shared": load("shared-base", path=1000), "own": load("own-base", path=1)})
    assert placed(placement) == {"shared": "free"}


def test_hosts_with_nothing_to_do_share_what_there_is() -> None:
    placement = Placement({name: load() for name in "ab"})
    for name in ("one", "two"):
        placement.joined(name, 4, ["amd64"])
    for name in "ab":
        placement.release(name)
    assert sorted(placed(placement).values()) == ["one", "two"]


def test_a_step_that_was_lost_is_taken_once_more() -> None:
    placement = Placement({"app": load(), "tail": load(path=1)})
    placement.joined("one", 1, ["amd64"])
    for name in ("app", "tail"):
        placement.release(name)
    assert placed(placement) == {"app": "one"}
    placement.left("one")
    placement.release("app")
    placement.joined("two", 2, ["amd64"])
    assert placed(placement) == {"app": "two", "tail": "two"}
    assert not placement.ready()


def test_a_host_that_has_gone_holds_nothing_and_what_waited_for_it_goes_elsewhere() -> None:
    placement = Placement({"base": load(layer=LARGE), "app": load("base")})
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


@st.composite
def forests(draw: st.DrawFn) -> dict[str, Load]:
    """Steps of two kinds, each on an earlier one of its kind or on nothing."""
    found: dict[str, Load] = {}
    for number in range(draw(st.integers(1, 30))):
        kind = draw(st.sampled_from(["amd64", "arm64"]))
        parent = draw(st.sampled_from(["", *(name for name in found if found[name].kind == kind)]))
        layer = draw(st.sampled_from([SMALL, 1e8, LARGE]))
        seconds = draw(st.sampled_from([0, 10, 1000]))
        found[f"step-{number}"] = load(parent, path=seconds, layer=layer, kind=kind, seconds=seconds)
    return found


@given(forests(), st.integers(1, 5), st.integers(1, 3), st.integers(0, 40))
def test_every_step_is_taken_by_who_can_and_has_room_also_where_a_host_goes(
    plan: dict[str, Load], number: int, slots: int, going: int
) -> None:
    kinds = {f"host-{n}": ["amd64", "arm64"] if n == 0 else [["amd64", "arm64"][n % 2]] for n in range(number)}
    placement, running, ended, holds = Placement(plan), list[tuple[str, str]](), set[str](), dict[str, set[str]]()
    for host, own in kinds.items():
        placement.joined(host, slots, own)
    for step in [name for name in plan if not plan[name].parent]:
        placement.release(step)
    for event in range(100):
        for host, step, pulled in placement.assigned():
            assert plan[step].kind in kinds[host]
            assert step not in ended | {each for _, each in running}
            lacking = set(below(plan, step)) - holds.setdefault(host, set())
            assert pulled == sum(plan[each].layer for each in lacking)
            holds[host] |= lacking
            running.append((host, step))
            assert sum(each == host for each, _ in running) <= slots
        if event == going and number > 1:
            last = list(kinds)[-1]
            placement.left(last)
            lost, running = [step for host, step in running if host == last], [x for x in running if x[0] != last]
            for step in lost:
                placement.release(step)
            continue
        if not running:
            break
        host, step = running.pop(0)
        ended.add(step)
        placement.ended(host)
        placement.holds(host, step)
        holds[host].add(step)
        for child in [name for name in plan if plan[name].parent == step]:
            placement.release(child)
    assert ended == set(plan)
    assert not placement.ready()


def below(plan: Mapping[str, Load], step: str) -> Iterator[str]:
    while step := plan[step].parent:
        yield step


def test_the_loads_of_a_plan_know_what_stands_on_each_step() -> None:
    decision = Decision(action=Action.BUILD, reason="new")
    base = Step(id="build:base", image="base", decision=decision, identity="", reference="", priority=30.0)
    app = replace(base, id="build:app", image="app", needs=("build:base",), priority=20.0)
    kinds = {"build:base": "any", "build:app": "any"}
    found = loads(Plan(steps={each.id: each for each in (base, app)}), kinds, {"build:base": 100_000_000})
    assert (found["build:base"].seconds, found["build:app"].seconds) == (10.0, 20.0)
    assert found["build:app"].parent == "build:base"
    assert found["build:base"].layer == found["build:app"].layer > 0
