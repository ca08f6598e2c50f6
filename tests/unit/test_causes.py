"""A plan says which inputs changed, down to the parent that it began with, as far as that is remembered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from kollage import history
from kollage.bootstrap import Base, Bootstrap
from kollage.causes import Cause, Makings, change, explained, makings, reason
from kollage.fingerprint import fingerprint
from kollage.graph import Graph
from kollage.history import History
from kollage.image import Image
from kollage.options import Options
from kollage.plan import by_identity, make_plan
from kollage.render import Rendered
from kollage.steps import Plan

OPTIONS = Options(namespace="kolla", tag="1")
PARENTS: Mapping[str, str | None] = {"base": None, "app": "base", "api": "app"}
LINES = {name: f"RUN make {name}" for name in PARENTS}
RECIPE = Bootstrap(suite="trixie", sources=("deb x trixie main",), keyring=Path("k.gpg"), arch="amd64", epoch=0)


def base(epoch: int = 0) -> Base:
    recipe = Bootstrap(suite="trixie", sources=RECIPE.sources, keyring=RECIPE.keyring, arch="amd64", epoch=epoch)
    return Base(reference="kollage-bootstrap/debian:1", identity=recipe.identity, reason="made", bootstrap=recipe)


def image(name: str, line: str, ground: Base) -> Rendered:
    parent = f"kolla/{PARENTS[name]}:1" if PARENTS[name] else ground.reference
    return Rendered(
        image=Image(name=name, folder=Path(name), description="", parent=PARENTS[name]),
        folder=name,
        dockerfile=f"FROM {parent}\n{line}",
        reference=f"kolla/{name}:1",
        parent=parent,
        files=(),
        sources=(),
        plugins=(),
        additions=(),
    )


@dataclass(frozen=True)
class Planned:
    plan: Plan
    makings: Makings


@dataclass(frozen=True)
class Machine:
    """A machine that builds, and remembers it."""

    known: History
    named: dict[str, str]

    def plan(self, ground: Base | None = None, options: Options = OPTIONS, **lines: str) -> Planned:
        ground = ground or base()
        rendered = {name: image(name, line, ground) for name, line in {**LINES, **lines}.items()}
        graph = Graph(images=tuple(each.image for each in rendered.values()), wanted=frozenset(PARENTS), excluded={})
        plan = make_plan(graph, options, base=ground, rendered=rendered, pins={}, local=())
        return Planned(plan, makings(plan, ground, rendered, {}, options))

    def build(self, planned: Planned, *, remember: bool = True) -> None:
        for step in planned.plan.steps.values():
            self.named[step.reference] = self.named[by_identity(step.image, step.identity, OPTIONS)] = step.identity
            if remember:
                made = planned.makings.made_of(step.image)
                assert made
                self.known.remember(step.image, step.identity, step.reference, made)

    def reasons(self, planned: Planned) -> dict[str, str]:
        told = explained(planned.plan, self.known, planned.makings, self.named)
        return {step.image: step.decision.reason for step in told.steps.values()}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with history.opened(tmp_path, create=True) as known:
        yield Machine(known, {})


def test_what_is_remembered_is_what_the_identity_is_made_of(machine: Machine) -> None:
    planned = machine.plan()
    for step in planned.plan.steps.values():
        made = planned.makings.made_of(step.image)
        assert made
        assert fingerprint(made) == step.identity
    assert planned.makings.made_of("another") is None
    assert planned.makings.parents == {"base": "trixie", "app": "base", "api": "app"}


def test_a_change_is_told_of_the_image_and_of_those_on_it(machine: Machine) -> None:
    machine.build(machine.plan())
    assert machine.reasons(machine.plan(base="RUN better")) == {
        "trixie": "made",
        "base": "Dockerfile line 2: RUN make base -> RUN better",
        "app": "its parent base changes: Dockerfile line 2: RUN make base -> RUN better",
        "api": "its parent app changes, as base does: Dockerfile line 2: RUN make base -> RUN better",
    }


def test_what_changed_in_an_image_itself_is_told_first(machine: Machine) -> None:
    machine.build(machine.plan())
    assert machine.reasons(machine.plan(base="RUN better", app="RUN 2"))["app"] == (
        "Dockerfile line 2: RUN make app -> RUN 2; "
        "its parent base changes: Dockerfile line 2: RUN make base -> RUN better"
    )


def test_a_newer_epoch_is_told_by_its_day(machine: Machine) -> None:
    machine.build(machine.plan())
    reasons = machine.reasons(machine.plan(base(epoch=86400)))
    assert reasons["base"] == "its parent trixie changes: epoch from 1970-01-01 to 1970-01-02"


def test_a_parent_of_which_nothing_is_remembered_is_another_one(machine: Machine) -> None:
    machine.build(machine.plan())
    planned = machine.plan()
    elsewhere = Base(reference="debian:trixie", identity="digest", reason="fetched")
    assert machine.reasons(machine.plan(elsewhere))["base"].endswith(
        "its parent debian:trixie changes: it is another one than before"
    )
    assert machine.reasons(planned)["base"] == "never built"  # nothing differs: the plan's own reason stays


def test_what_is_not_remembered_keeps_the_plans_own_reason(machine: Machine) -> None:
    machine.build(machine.plan(), remember=False)
    planned = machine.plan(app="RUN 2")
    assert machine.reasons(planned) == {step.image: step.decision.reason for step in planned.plan.steps.values()}


def test_a_flag_is_reason_enough(machine: Machine) -> None:
    machine.build(machine.plan())
    forced = Options(namespace="kolla", tag="1", force=True)
    assert machine.reasons(machine.plan(None, forced, app="RUN 2"))["app"] == "--force"


def test_an_image_without_a_name_for_its_identity_is_found_by_the_name_that_was_built_last(machine: Machine) -> None:
    machine.build(machine.plan())
    for name in [name for name in machine.named if ":fp-" in name]:
        del machine.named[name]
    assert machine.reasons(machine.plan(app="RUN 2"))["app"] == "Dockerfile line 2: RUN make app -> RUN 2"


def test_an_image_that_is_gone_from_the_store_is_compared_with_nothing(machine: Machine) -> None:
    machine.build(machine.plan())
    machine.named.clear()
    assert machine.reasons(machine.plan(app="RUN 2"))["app"] == "never built"


def test_it_is_compared_with_the_one_that_has_the_wanted_name_now(machine: Machine) -> None:
    for line in ("RUN 1", "RUN 2", "RUN 1"):
        machine.build(machine.plan(app=line))
    assert machine.reasons(machine.plan(app="RUN 3"))["app"] == "Dockerfile line 2: RUN 1 -> RUN 3"


def test_the_whole_chain_is_there_for_who_asks(machine: Machine) -> None:
    machine.build(machine.plan())
    planned = machine.plan(base="RUN better", api="RUN 2")
    cause = change(planned.plan.steps["build:api"], machine.known, planned.makings, machine.named)
    began = Cause(image="base", differences=("Dockerfile line 2: RUN make base -> RUN better",))
    own = ("Dockerfile line 2: RUN make api -> RUN 2",)
    assert cause == Cause(image="api", differences=own, parent=Cause(image="app", differences=(), parent=began))


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (Cause(image="a", differences=()), ""),
        (Cause(image="a", differences=("1", "2")), "1; 2"),
        (Cause(image="a", differences=("1", "2", "3", "4")), "1; 2; 2 more"),
        (Cause(image="a", differences=("1",), parent=Cause(image="b", differences=("1",))), "1"),
        (
            Cause(image="a", differences=("1",), parent=Cause(image="b", differences=("1", "2"))),
            "1; its parent b changes: 2",
        ),
    ],
)
def test_a_reason_is_one_line(cause: Cause, told: str) -> None:
    assert reason(cause) == told
