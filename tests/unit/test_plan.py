"""A plan says of every image what will be done and why, and an identity follows from all that goes into an image."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.bootstrap import Base, Bootstrap
from kollage.contents import ContextFile
from kollage.engines import Local
from kollage.errors import UsageError
from kollage.graph import Graph
from kollage.image import Image
from kollage.options import Options
from kollage.plan import Shared, by_identity, identify, left_alone, make_plan, push_plan
from kollage.render import Rendered
from kollage.steps import Action, Decision, Lane, Plan, Step

CALM = settings(deadline=None, database=None)
OPTIONS = Options(namespace="kolla", tag="1")
FETCHED = Base(reference="debian:trixie", identity="digest", reason="fetched")
RECIPE = Bootstrap(suite="trixie", sources=("deb x trixie main",), keyring=Path("k.gpg"), arch="amd64", epoch=1)
MADE = Base(reference="kollage-bootstrap/debian:1", identity=RECIPE.identity, reason="made here", bootstrap=RECIPE)
SMALL = {"base": None, "keystone-base": "base", "keystone": "keystone-base", "cron": "base"}

Parents = Mapping[str, str | None]


def rendered_of(name: str, parent: str | None, dockerfile: str = "", ground: str = FETCHED.reference) -> Rendered:
    """What rendering gives for an image; without a parent it stands on the ground."""
    stands_on = f"kolla/{parent}:1" if parent else ground
    return Rendered(
        image=Image(name=name, folder=Path(name), description="", parent=parent),
        folder=name,
        dockerfile=f"FROM {stands_on}\nRUN make {name}\n{dockerfile}",
        reference=f"kolla/{name}:1",
        parent=stands_on,
        files=(ContextFile(path="start.sh", content=b"exec", mode=0o755),),
        sources=(),
        plugins=(),
        additions=(),
    )


def graph_of(parents: Parents, *, wanted: frozenset[str] | None = None, skipped: Mapping[str, str] = {}) -> Graph:
    images = tuple(rendered_of(name, parent).image for name, parent in parents.items())
    return Graph(images=images, wanted=frozenset(parents) if wanted is None else wanted, excluded={}, skipped=skipped)


def planned(
    parents: Parents,
    *,
    options: Options = OPTIONS,
    base: Base = FETCHED,
    wanted: frozenset[str] | None = None,
    dockerfiles: Mapping[str, str] = {},
    pins: Mapping[str, tuple[str, ...]] = {},
    local: tuple[Local, ...] = (),
    seconds: Mapping[str, float] = {},
    skipped: Mapping[str, str] = {},
    elsewhere: Mapping[str, str] = {},
    shared: Mapping[str, Shared] = {},
) -> Plan:
    """The plan for these images; `elsewhere` names what those without a parent stand on instead of the base."""
    rendered = {
        name: rendered_of(name, parent, dockerfiles.get(name, ""), elsewhere.get(name, base.reference))
        for name, parent in parents.items()
    }
    graph = graph_of(parents, wanted=wanted, skipped=skipped)
    left = left_alone(graph, options, local)
    return make_plan(
        graph,
        options,
        base=base,
        rendered={name: each for name, each in rendered.items() if name not in left},
        pins=pins,
        local=local,
        shared=shared,
        seconds=lambda image: seconds.get(image, 1.0),
    )


def stored(plan: Plan, *images: str) -> tuple[Local, ...]:
    """The store after images of a plan were built: each has the name that was wanted and the one by its identity."""
    steps = [step for step in plan.steps.values() if step.image in images]
    return tuple(
        Local(id=f"id-{step.image}", references=(step.reference, by_identity(step.image, step.identity, OPTIONS)))
        for step in steps
    )


def decisions(plan: Plan) -> dict[str, tuple[str, str]]:
    return {step.image: (step.decision.action.value, step.decision.reason) for step in plan.steps.values()}


def identities(plan: Plan) -> dict[str, str]:
    return {step.image: step.identity for step in plan.steps.values()}


def descendants(name: str, parents: Parents) -> set[str]:
    return {name}.union(*(descendants(child, parents) for child, parent in parents.items() if parent == name))


@st.composite
def forests(draw: st.DrawFn) -> dict[str, str | None]:
    """Images, each after its parent."""
    count = draw(st.integers(1, 8))
    return {f"i{n}": draw(st.sampled_from([None, *(f"i{m}" for m in range(n))])) for n in range(count)}


class TestDecisions:
    def test_in_an_empty_store_everything_is_built_each_after_its_parent(self) -> None:
        plan = planned({"base": None, "cron": "base"})
        ids = identities(plan)
        never = Decision(action=Action.BUILD, reason="never built")
        assert list(plan.steps.values()) == [
            Step(
                id="build:base",
                image="base",
                decision=never,
                identity=ids["base"],
                reference="kolla/base:1",
                priority=2,
            ),
            Step(
                id="build:cron",
                image="cron",
                decision=never,
                identity=ids["cron"],
                reference="kolla/cron:1",
                needs=("build:base",),
                priority=1,
            ),
        ]

    def test_what_the_store_has_is_reused_by_its_id(self) -> None:
        before = planned(SMALL)
        after = planned(SMALL, local=stored(before, *SMALL))
        assert decisions(after) == dict.fromkeys(SMALL, ("reuse", "unchanged"))
        assert {step.image: step.found for step in after.steps.values()} == {name: f"id-{name}" for name in SMALL}

    def test_a_changed_recipe_is_built_with_all_that_stands_on_it_and_nothing_else(self) -> None:
        local = stored(planned(SMALL), *SMALL)
        assert decisions(planned(SMALL, local=local, dockerfiles={"keystone-base": "RUN more\n"})) == {
            "base": ("reuse", "unchanged"),
            "keystone-base": ("build", "its recipe changed"),
            "keystone": ("build", "its parent keystone-base changes"),
            "cron": ("reuse", "unchanged"),
        }

    def test_what_was_built_under_another_tag_is_reused_too(self) -> None:
        local = tuple(replace(image, references=image.references[1:]) for image in stored(planned(SMALL), *SMALL))
        assert decisions(planned(SMALL, local=local)) == dict.fromkeys(SMALL, ("reuse", "unchanged"))

    def test_what_was_built_for_another_registry_is_reused_too(self) -> None:
        there = [(image.id, image.references[1]) for image in stored(planned(SMALL), *SMALL)]
        local = tuple(Local(id=identity, references=(f"registry.example:5000/{name}",)) for identity, name in there)
        assert decisions(planned(SMALL, local=local)) == dict.fromkeys(SMALL, ("reuse", "unchanged"))

    def test_an_image_of_the_wanted_name_but_another_recipe_is_not_reused(self) -> None:
        local = (Local(id="old", references=("kolla/base:1",)),)
        assert decisions(planned({"base": None}, local=local)) == {"base": ("build", "its recipe changed")}

    def test_below_a_missing_parent_a_new_image_was_never_built(self) -> None:
        local = stored(planned(SMALL), "keystone")
        assert decisions(planned(SMALL, local=local)) == {
            "base": ("build", "never built"),
            "keystone-base": ("build", "never built"),
            "keystone": ("build", "its parent keystone-base changes"),
            "cron": ("build", "never built"),
        }

    def test_no_reuse_builds_all_of_it_and_the_base_of_packages(self) -> None:
        there = planned(SMALL, base=MADE)
        options = replace(OPTIONS, no_reuse=True, force=True)
        local = stored(there, *SMALL, "trixie")
        anew = planned(SMALL, base=MADE, options=options, local=local, wanted=frozenset({"cron"}))
        assert decisions(anew) == {
            "trixie": ("bootstrap", "made here"),
            **dict.fromkeys(SMALL, ("build", "--no-reuse")),
        }
        assert identities(anew) == identities(there)

    def test_force_builds_what_was_asked_for_and_what_stands_on_it_but_no_parents(self) -> None:
        local = stored(planned(SMALL), *SMALL)
        options = replace(OPTIONS, force=True)
        assert decisions(planned(SMALL, options=options, local=local, wanted=frozenset({"keystone-base"}))) == {
            "base": ("reuse", "unchanged"),
            "keystone-base": ("build", "--force"),
            "keystone": ("build", "its parent keystone-base changes"),
            "cron": ("reuse", "unchanged"),
        }


class TestBase:
    def test_one_from_a_registry_needs_no_step(self) -> None:
        assert list(planned({"base": None}).steps) == ["build:base"]

    def test_one_that_is_bootstrapped_has_the_first_step_and_its_children_need_it(self) -> None:
        plan = planned({"base": None, "cron": "base"}, base=MADE, seconds={"trixie": 5})
        assert next(iter(plan.steps.values())) == Step(
            id="bootstrap:trixie",
            image="trixie",
            decision=Decision(action=Action.BOOTSTRAP, reason="made here"),
            identity=RECIPE.identity,
            reference="kollage-bootstrap/debian:1",
            priority=7,
        )
        assert [step.needs for step in plan.steps.values()] == [(), ("bootstrap:trixie",), ("build:base",)]

    def test_one_that_was_bootstrapped_before_is_reused(self) -> None:
        local = (Local(id="root", references=(MADE.reference,)), *stored(planned({"base": None}, base=MADE), "base"))
        plan = planned({"base": None}, base=MADE, local=local)
        assert decisions(plan) == {"trixie": ("reuse", "bootstrapped before"), "base": ("reuse", "unchanged")}
        assert plan.steps["bootstrap:trixie"].found == "root"

    def test_one_that_was_removed_is_not_made_again_for_what_stands_on_it_already(self) -> None:
        before = planned(SMALL, base=MADE)
        plan = planned(SMALL, base=MADE, local=stored(before, *SMALL))
        assert {step.decision.action for step in plan.steps.values()} == {Action.REUSE}
        assert "bootstrap:trixie" not in plan.steps

    def test_one_that_was_removed_is_made_again_for_what_is_not_there(self) -> None:
        plan = planned(SMALL, base=MADE, local=stored(planned({"base": None}, base=MADE), "base"))
        assert decisions(plan)["base"] == ("reuse", "unchanged")
        assert "bootstrap:trixie" not in plan.steps
        assert decisions(planned({"base": None}, base=MADE)) == {
            "trixie": ("bootstrap", "made here"),
            "base": ("build", "never built"),
        }

    def test_another_one_changes_every_identity(self) -> None:
        other = identities(planned(SMALL, base=replace(FETCHED, identity="another digest")))
        assert not set(other.values()) & set(identities(planned(SMALL)).values())

    def test_another_name_for_the_same_one_changes_none(self) -> None:
        renamed = identities(planned(SMALL, base=replace(FETCHED, reference="mirror/debian:trixie")))
        assert renamed == identities(planned(SMALL))

    def test_an_image_from_elsewhere_needs_none_and_is_known_by_its_name(self) -> None:
        parents = {"base": None, "letsencrypt": None}
        elsewhere = {"letsencrypt": "goacme/lego:1"}
        plan = planned(parents, base=MADE, elsewhere=elsewhere)
        assert plan.steps["build:letsencrypt"].needs == ()
        assert decisions(plan)["letsencrypt"] == ("build", "never built")
        same = planned(parents, base=replace(MADE, identity="other"), elsewhere=elsewhere)
        newer = planned(parents, base=MADE, elsewhere={"letsencrypt": "goacme/lego:2"})
        assert identities(same)["letsencrypt"] == identities(plan)["letsencrypt"]
        assert identities(newer)["letsencrypt"] != identities(plan)["letsencrypt"]

    def test_one_that_nothing_stands_on_is_not_made(self) -> None:
        plan = planned({"letsencrypt": None}, base=MADE, elsewhere={"letsencrypt": "goacme/lego:1"})
        assert list(plan.steps) == ["build:letsencrypt"]


class TestLeftAlone:
    EXISTING = replace(OPTIONS, skip_existing=True)
    PARENTS: Mapping[str, str] = {"base": "--skip-parents", "keystone-base": "--skip-parents"}

    def test_what_exists_is_skipped_whatever_it_is_made_of(self) -> None:
        local = (Local(id="7", references=("kolla/base:1",)), Local(id="8", references=("kolla/cron:1",)))
        plan = planned(SMALL, options=self.EXISTING, local=local)
        assert decisions(plan) == {
            "base": ("skip", "--skip-existing"),
            "keystone-base": ("build", "never built"),
            "keystone": ("build", "never built"),
            "cron": ("skip", "--skip-existing"),
        }
        assert plan.steps["build:base"] == Step(
            id="build:base",
            image="base",
            decision=Decision(action=Action.SKIP, reason="--skip-existing"),
            identity="image:7",
            reference="kolla/base:1",
            found="7",
            priority=2,
        )

    def test_another_tag_does_not_count_as_existing(self) -> None:
        local = (Local(id="7", references=("kolla/base:0", "kolla/base:fp-1")),)
        assert decisions(planned({"base": None}, options=self.EXISTING, local=local)) == {
            "base": ("build", "never built")
        }

    def test_parents_are_pulled_where_the_store_does_not_have_them(self) -> None:
        local = (Local(id="7", references=("kolla/base:1",)),)
        plan = planned(SMALL, skipped=self.PARENTS, local=local)
        assert decisions(plan) == {
            "base": ("skip", "--skip-parents"),
            "keystone-base": ("pull", "--skip-parents, and the store does not have it"),
            "keystone": ("build", "never built"),
            "cron": ("build", "never built"),
        }
        assert plan.steps["build:keystone"].needs == ("build:keystone-base",)
        assert identities(plan)["keystone-base"] == "image:kolla/keystone-base:1"

    def test_what_stands_on_one_has_an_identity_that_follows_from_its_id(self) -> None:
        def cron(identity: str) -> str:
            local = (Local(id=identity, references=("kolla/base:1",)),)
            return identities(planned(SMALL, skipped=self.PARENTS, local=local))["cron"]

        assert cron("7") == cron("7")
        assert cron("7") != cron("8")

    def test_what_stands_on_one_is_reused_where_nothing_changed(self) -> None:
        base = (Local(id="7", references=("kolla/base:1",)), Local(id="8", references=("kolla/keystone-base:1",)))
        before = planned(SMALL, skipped=self.PARENTS, local=base)
        after = planned(SMALL, skipped=self.PARENTS, local=(*base, *stored(before, "keystone", "cron")))
        assert decisions(after)["keystone"] == decisions(after)["cron"] == ("reuse", "unchanged")

    def test_for_parents_that_stay_no_base_is_made(self) -> None:
        plan = planned({"base": None, "cron": "base"}, base=MADE, skipped={"base": "--skip-parents"})
        assert list(plan.steps) == ["build:base", "build:cron"]

    def test_force_does_not_build_what_is_to_stay(self) -> None:
        local = (Local(id="7", references=("kolla/base:1",)),)
        options = replace(self.EXISTING, force=True)
        assert decisions(planned({"base": None}, options=options, local=local)) == {"base": ("skip", "--skip-existing")}


class TestPushes:
    PUSHING = replace(OPTIONS, push=True)

    def test_each_image_that_is_built_or_reused_is_pushed_after_that(self) -> None:
        parents = {"base": None, "cron": "base"}
        local = stored(planned(parents, base=MADE), "base")
        made = Local(id="root", references=(MADE.reference,))
        plan = planned(parents, options=self.PUSHING, base=MADE, local=(made, *local))
        assert list(plan.steps) == ["bootstrap:trixie", "build:base", "build:cron", "push:base", "push:cron"]
        push, build = plan.steps["push:base"], plan.steps["build:base"]
        assert push == replace(
            build,
            id="push:base",
            decision=Decision(action=Action.PUSH, reason="--push"),
            needs=("build:base",),
            priority=0,
            lane=Lane.PUSH,
        )
        assert [step.lane for step in plan.steps.values()] == [Lane.BUILD] * 3 + [Lane.PUSH] * 2

    def test_what_is_left_as_it_is_is_not_pushed(self) -> None:
        skipped = {"base": "--skip-parents", "keystone-base": "--skip-parents"}
        local = (Local(id="7", references=("kolla/base:1",)),)
        plan = planned(SMALL, options=self.PUSHING, skipped=skipped, local=local)
        assert [name for name in plan.steps if name.startswith("push:")] == ["push:keystone", "push:cron"]

    @pytest.mark.parametrize("flag", ["force", "no_reuse"])
    def test_what_is_built_anew_is_not_pushed_as_what_was_found(self, flag: str) -> None:
        identity = planned({"base": None}).steps["build:base"].identity
        local = (Local(id="old", references=(by_identity("base", identity, OPTIONS),)),)
        anew = planned({"base": None}, options=replace(self.PUSHING, **{flag: True}), local=local)  # type: ignore[arg-type]
        assert (anew.steps["build:base"].found, anew.steps["push:base"].found) == ("old", "")
        assert planned({"base": None}, options=self.PUSHING, local=local).steps["push:base"].found == "old"

    def test_no_build_waits_for_a_push_or_becomes_more_urgent_by_one(self) -> None:
        plain, pushing = (planned(SMALL, options=options).steps for options in (OPTIONS, self.PUSHING))
        assert {name: step for name, step in pushing.items() if step.lane is Lane.BUILD} == plain


class TestAPlanOfPushes:
    LOCAL = (Local(id="7", references=("kolla/base:1",)), Local(id="8", references=("kolla/cron:1", "kolla/cron:2")))

    def test_has_what_was_asked_for_and_is_in_the_store(self) -> None:
        graph = graph_of(SMALL, wanted=frozenset({"cron", "keystone"}))
        assert push_plan(graph, OPTIONS, self.LOCAL).steps == {
            "push:cron": Step(
                id="push:cron",
                image="cron",
                decision=Decision(action=Action.PUSH, reason="--push"),
                identity="",
                reference="kolla/cron:1",
                found="8",
                lane=Lane.PUSH,
            )
        }

    def test_of_nothing_is_an_error_that_names_what_is_missing(self) -> None:
        graph = graph_of(SMALL, wanted=frozenset({"keystone-base", "keystone"}))
        with pytest.raises(UsageError) as caught:
            push_plan(graph, OPTIONS, self.LOCAL)
        assert (caught.value.message, caught.value.hint) == (
            "none of these images is in the store: kolla/keystone:1, kolla/keystone-base:1",
            "build them first",
        )

    def test_of_images_with_another_name_says_how_they_get_this_one(self) -> None:
        graph = graph_of(SMALL, wanted=frozenset({"cron"}))
        with pytest.raises(UsageError) as caught:
            push_plan(graph, OPTIONS, (Local(id="8", references=("r:1/kolla/crony:1", "r:1/kolla/cron:1")),))
        assert caught.value.hint == (
            "'r:1/kolla/cron:1' is there: `kollage build` with the same flags names what is unchanged anew, "
            "and pushes it with --push"
        )


class TestIdentity:
    IMAGE = rendered_of("cron", "base")
    FILE = IMAGE.files[0]

    @pytest.mark.parametrize(
        "image",
        [
            replace(IMAGE, dockerfile=IMAGE.dockerfile + "RUN more\n"),
            replace(IMAGE, files=()),
            replace(IMAGE, files=(replace(FILE, content=b"other"),)),
            replace(IMAGE, files=(replace(FILE, path="other.sh"),)),
            replace(IMAGE, files=(replace(FILE, mode=0o644),)),
        ],
        ids=["dockerfile", "no file", "content", "path", "mode"],
    )
    def test_every_part_of_the_build_context_counts(self, image: Rendered) -> None:
        assert identify(image, parent="p", pins=(), options=OPTIONS) != self.of()

    @pytest.mark.parametrize(
        ("parent", "pins", "options"),
        [
            ("other", (), OPTIONS),
            ("p", ("keystone-archive: sha256:1",), OPTIONS),
            ("p", (), replace(OPTIONS, build_args={"A": "1"})),
            ("p", (), replace(OPTIONS, base_arch="aarch64")),
        ],
        ids=["parent", "sources", "build arguments", "architecture"],
    )
    def test_everything_beside_it_counts_too(self, parent: str, pins: tuple[str, ...], options: Options) -> None:
        assert identify(self.IMAGE, parent=parent, pins=pins, options=options) != self.of()

    def test_names_tags_and_how_it_is_built_do_not_count(self) -> None:
        other = replace(OPTIONS, tag="2", registry="r", threads=1, engine="podman", cache_dir=Path("x"), force=True)
        renamed = replace(
            self.IMAGE,
            dockerfile=self.IMAGE.dockerfile.replace("kolla/base:1", "r/kolla/base:2"),
            parent="r/kolla/base:2",
            reference="r/kolla/cron:2",
            folder="elsewhere",
        )
        assert identify(renamed, parent="p", pins=(), options=other) == self.of()

    def test_of_a_template_in_the_context_only_what_it_gives_counts(self) -> None:
        """Images of Kolla's carry theirs along; a comment in it changes nothing."""
        template = ContextFile(path="Dockerfile.j2", content=b"FROM {# any #}")
        with_it = replace(self.IMAGE, files=(*self.IMAGE.files, template))
        assert identify(with_it, parent="p", pins=(), options=OPTIONS) == self.of()

    def test_the_order_of_files_does_not_count(self) -> None:
        files = (self.FILE, replace(self.FILE, path="other.sh"))
        one, other = (replace(self.IMAGE, files=each) for each in (files, files[::-1]))
        assert identify(one, parent="p", pins=(), options=OPTIONS) == identify(
            other, parent="p", pins=(), options=OPTIONS
        )

    def test_it_is_a_second_name_in_the_same_place(self) -> None:
        options = replace(OPTIONS, registry="registry.example.org")
        assert by_identity("cron", "01ab", options) == "registry.example.org/kolla/cron:fp-01ab"

    def of(self) -> str:
        return identify(self.IMAGE, parent="p", pins=(), options=OPTIONS)


class TestAnyForest:
    @CALM
    @given(forests())
    def test_every_need_exists_and_comes_before(self, parents: dict[str, str | None]) -> None:
        steps = planned(parents, base=MADE).steps
        order = list(steps)
        for name, step in steps.items():
            assert name == step.id
            assert all(order.index(need) < order.index(name) for need in step.needs)
        assert set(order) == {"bootstrap:trixie", *(f"build:{name}" for name in parents)}

    @CALM
    @given(forests(), st.data(), st.sampled_from(["dockerfile", "pin"]))
    def test_an_identity_changes_exactly_when_an_input_of_it_or_of_something_below_it_does(
        self, parents: dict[str, str | None], data: st.DataObject, what: str
    ) -> None:
        changed = data.draw(st.sampled_from(sorted(parents)))
        before = identities(planned(parents))
        if what == "pin":
            after = identities(planned(parents, pins={changed: ("source: sha256:1",)}))
        else:
            after = identities(planned(parents, dockerfiles={changed: "RUN more\n"}))
        assert {name for name in parents if before[name] != after[name]} == descendants(changed, parents)

    @CALM
    @given(forests())
    def test_no_two_images_share_an_identity(self, parents: dict[str, str | None]) -> None:
        assert len(set(identities(planned(parents)).values())) == len(parents)

    @CALM
    @given(forests(), st.data(), st.booleans())
    def test_an_image_is_reused_exactly_when_the_store_has_it_and_all_below_it_is_reused(
        self, parents: dict[str, str | None], data: st.DataObject, force: bool
    ) -> None:
        kept = data.draw(st.sets(st.sampled_from(sorted(parents))))
        wanted = frozenset(data.draw(st.sets(st.sampled_from(sorted(parents)))))
        plan = planned(
            parents, options=replace(OPTIONS, force=force), wanted=wanted, local=stored(planned(parents), *kept)
        )
        missing = (parents.keys() - kept) | (wanted if force else set())
        built = set().union(*(descendants(name, parents) for name in missing))
        assert {step.image for step in plan.steps.values() if step.decision.action is Action.BUILD} == built

    @CALM
    @given(forests(), st.data())
    def test_a_priority_is_the_longest_path_that_is_still_to_be_built(
        self, parents: dict[str, str | None], data: st.DataObject
    ) -> None:
        seconds = {name: float(data.draw(st.integers(0, 9))) for name in parents}
        kept = data.draw(st.sets(st.sampled_from(sorted(parents))))
        plan = planned(parents, seconds=seconds, local=stored(planned(parents), *kept))

        def longest(name: str) -> float:
            own = 0.0 if plan.steps[f"build:{name}"].decision.action is Action.REUSE else seconds[name]
            return own + max((longest(child) for child, parent in parents.items() if parent == name), default=0.0)

        assert {step.image: step.priority for step in plan.steps.values()} == {name: longest(name) for name in parents}


class TestWhatARegistryHas:
    """Images that were built elsewhere and are found by their fingerprint."""

    SHARED: Mapping[str, Shared] = {name: Shared(origin=f"r/{name}@sha256:1", named=True) for name in SMALL}

    def actions(self, plan: Plan) -> dict[str, tuple[Action, str]]:
        return {step.image: (step.decision.action, step.decision.reason) for step in plan.steps.values()}

    def test_is_neither_built_nor_pulled_and_no_base_is_made_for_it(self) -> None:
        plan = planned(SMALL, base=MADE, shared=self.SHARED)
        assert set(self.actions(plan).values()) == {(Action.PUBLISHED, "the registry has it")}
        assert {step.needs for step in plan.steps.values()} == {()}

    def test_is_pulled_where_something_is_built_on_it(self) -> None:
        shared = {name: image for name, image in self.SHARED.items() if name != "keystone"}
        plan = planned(SMALL, shared=shared)
        assert self.actions(plan) == {
            "base": (Action.PUBLISHED, "the registry has it"),
            "keystone-base": (Action.PULL, "the registry has it: keystone is built on it"),
            "keystone": (Action.BUILD, "never built"),
            "cron": (Action.PUBLISHED, "the registry has it"),
        }
        assert plan.steps["build:keystone"].needs == ("build:keystone-base",)
        assert plan.steps["build:keystone-base"].origin == "r/keystone-base@sha256:1"

    def test_stays_there_where_the_store_has_it(self) -> None:
        local = stored(planned({"base": None}), "base")
        assert (
            planned({"base": None}, local=local, shared=self.SHARED).steps["build:base"].decision.action is Action.REUSE
        )

    def test_is_pulled_to_be_verified(self) -> None:
        plan = planned({"base": None}, options=replace(OPTIONS, verify=True), shared=self.SHARED)
        assert self.actions(plan) == {"base": (Action.PULL, "the registry has it: --verify")}

    @pytest.mark.parametrize("named", [True, False])
    def test_is_pushed_by_another_name_if_it_has_not_that_one_yet(self, *, named: bool) -> None:
        shared = {"base": Shared(origin="r/base@sha256:1", named=named)}
        plan = planned({"base": None}, options=replace(OPTIONS, push=True), shared=shared)
        assert plan.steps["build:base"].decision.action is (Action.PUBLISHED if named else Action.PULL)
        assert ("push:base" in plan.steps) is not named

    @pytest.mark.parametrize("flag", ["force", "no_reuse"])
    def test_counts_for_nothing_where_a_build_is_forced(self, flag: str) -> None:
        options = replace(OPTIONS, **{flag: True})  # type: ignore[arg-type]
        plan = planned({"base": None}, options=options, shared=self.SHARED)
        assert self.actions(plan) == {"base": (Action.BUILD, f"--{flag.replace('_', '-')}")}
