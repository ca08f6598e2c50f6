"""Parents come first, a selection brings its parents along, and whatever is left out says why."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.catalogue import Catalogue
from kollage.errors import CatalogueError, UsageError
from kollage.graph import Graph, resolve
from kollage.image import Absence, Image
from kollage.options import Options, load_options

CALM = settings(deadline=None, database=None)
ROOT = Path("images")
NAMES = ("base", "cron", "keystone", "keystone-base", "nova-api", "nova-base", "openstack-base", "rabbitmq")
SMALL = {"base": None, "openstack-base": "base", "nova-base": "openstack-base", "nova-api": "nova-base", "cron": "base"}


def catalogue_of(parents: Mapping[str, str | None], unsupported: Mapping[str, Mapping[str, str]] = {}) -> Catalogue:
    images = {
        name: Image(name=name, folder=ROOT / name, description="", parent=parent, unsupported=unsupported.get(name, {}))
        for name, parent in parents.items()
    }
    return Catalogue(root=ROOT, images=images, accounts={}, repositories={})


def names_of(graph: Graph) -> list[str]:
    return [image.name for image in graph.images]


def ancestors(name: str, parents: Mapping[str, str | None]) -> set[str]:
    parent = parents[name]
    return {parent} | ancestors(parent, parents) if parent else set()


@st.composite
def forests(draw: st.DrawFn) -> dict[str, str | None]:
    """Images with parents, in any order."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    parents = {name: draw(st.sampled_from([None, *names[:number]])) for number, name in enumerate(names)}
    return {name: parents[name] for name in draw(st.permutations(names))}


class TestSelection:
    def test_without_an_expression_every_image_is_wanted(self) -> None:
        graph = resolve(catalogue_of(SMALL), Options())
        assert graph == Graph(
            images=tuple(
                catalogue_of(SMALL).images[name] for name in ("base", "cron", "openstack-base", "nova-base", "nova-api")
            ),
            wanted=frozenset(SMALL),
            excluded={},
            unbuildable={},
            skipped={},
            others=(),
        )

    def test_parents_come_along_without_being_wanted(self) -> None:
        graph = resolve(catalogue_of(SMALL), Options(regex=("^nova-api$",)))
        assert names_of(graph) == ["base", "openstack-base", "nova-base", "nova-api"]
        assert graph.wanted == {"nova-api"}

    def test_several_expressions_add_up_and_match_anywhere_in_a_name(self) -> None:
        graph = resolve(catalogue_of(SMALL), Options(regex=("va-a", "cron")))
        assert graph.wanted == {"nova-api", "cron"}

    def test_parents_can_be_looked_up(self) -> None:
        assert resolve(catalogue_of(SMALL), Options()).parents() == SMALL

    def test_an_expression_that_matches_nothing_is_an_error_with_the_nearest_name(self) -> None:
        with pytest.raises(UsageError) as caught:
            resolve(catalogue_of(SMALL), Options(regex=("cron", "nova-apu")))
        assert (caught.value.message, caught.value.hint) == (
            "no image matches 'nova-apu'",
            "did you mean 'nova-api'?",
        )

    def test_where_no_name_is_near_the_hint_says_where_to_look(self) -> None:
        with pytest.raises(UsageError) as caught:
            resolve(catalogue_of(SMALL), Options(regex=("^zzz$",)))
        assert caught.value.hint == "see `kollage list`"


class TestExclusion:
    def test_an_image_that_is_not_supported_is_left_out_with_its_reason(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"rocky": "no cron there"}})
        graph = resolve(images, Options(base="rocky"))
        assert graph.excluded == {"cron": "no cron there"}
        assert graph.wanted == SMALL.keys() - {"cron"}
        assert "cron" not in names_of(graph)

    def test_what_stands_on_it_is_left_out_too_and_names_it(self) -> None:
        images = catalogue_of(SMALL, {"openstack-base": {"rpm": "no Python"}})
        graph = resolve(images, Options(base="rocky"))
        assert graph.excluded == {
            "nova-api": "its parent openstack-base is not supported: no Python",
            "nova-base": "its parent openstack-base is not supported: no Python",
            "openstack-base": "no Python",
        }
        assert names_of(graph) == ["base", "cron"]

    def test_a_reason_holds_only_where_it_says(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"rocky": "no", "aarch64": "no", "ubuntu-x86_64": "no"}})
        assert resolve(images, Options(base="debian", base_arch="x86_64")).excluded == {}

    def test_only_what_was_asked_for_is_reported(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"debian": "no cron there"}})
        assert resolve(images, Options(regex=("nova",))).excluded == {}

    def test_when_nothing_is_left_it_is_an_error_with_the_reason(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"debian": "no cron there"}})
        with pytest.raises(UsageError) as caught:
            resolve(images, Options(regex=("cron",)))
        assert (caught.value.message, caught.value.hint) == (
            "cron cannot be built on debian: no cron there",
            "say --base ubuntu, or try it with --enable-unbuildable",
        )

    def test_the_nearest_base_is_one_that_works_for_the_parents_too(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"debian": "no"}, "base": {"ubuntu": "no"}})
        with pytest.raises(UsageError) as caught:
            resolve(images, Options(regex=("cron",)))
        assert caught.value.hint == "say --base rocky, or try it with --enable-unbuildable"

    def test_where_no_base_works_none_is_named(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"x86_64": "no"}})
        with pytest.raises(UsageError) as caught:
            resolve(images, Options(regex=("cron",)))
        assert caught.value.hint == "choose another --base, or try it with --enable-unbuildable"

    def test_a_reason_may_hold_for_one_suite(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"bullseye": "no"}})
        assert resolve(images, Options(base_tag="bullseye")).excluded == {"cron": "no"}
        assert resolve(images, Options(base_tag="trixie")).excluded == {}

    def test_what_an_older_suite_does_not_have_a_newer_one_has(self) -> None:
        images = catalogue_of(SMALL, {"base": {"bullseye": "no"}})
        with pytest.raises(UsageError) as caught:
            resolve(images, Options(regex=("cron",), base_tag="bullseye"))
        assert caught.value.hint == ("choose a --release that stands on trixie, or try it with --enable-unbuildable")

    def test_what_a_release_lacks_is_told_with_the_one_that_has_it(self) -> None:
        images = dict(catalogue_of(SMALL).images)
        images["nova-api"] = replace(images["nova-api"], absent=Absence(reason="2026.2 has no nova", instead="say it"))
        catalogue = replace(catalogue_of(SMALL), images=images)
        with pytest.raises(UsageError) as caught:
            resolve(catalogue, Options(regex=("nova-api",)))
        assert (caught.value.message, caught.value.hint) == ("nova-api cannot be built: 2026.2 has no nova", "say it")

    def test_of_all_that_cannot_be_built_the_reasons_are_kept(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"debian": "no cron there"}})
        graph = resolve(images, Options(regex=("nova",)))
        assert (graph.excluded, graph.unbuildable) == ({}, {"cron": "no cron there"})

    def test_it_can_be_overruled(self) -> None:
        images = catalogue_of(SMALL, {"cron": {"debian": "no"}, "openstack-base": {"x86_64": "no"}})
        graph = resolve(images, Options(enable_unbuildable=True))
        assert graph.wanted == SMALL.keys()
        assert (graph.excluded, graph.unbuildable) == ({}, {})

    def test_what_could_be_built_and_was_not_asked_for_is_listed_by_name(self) -> None:
        images = catalogue_of({**SMALL, "bifrost": "base", "tgtd": "base"}, {"tgtd": {"debian": "no"}})
        assert resolve(images, Options(regex=("nova-base",))).others == ("bifrost", "cron", "nova-api")
        assert resolve(images, Options()).others == ()


class TestProfiles:
    PROFILES: Mapping[str, tuple[str, ...]] = {
        "infra": ("cron", "rabbitmq"),
        "mine": ("^nova-",),
        "empty": (),
        "elsewhere": ("^zun",),
    }

    def chosen(self, *names: str, regex: tuple[str, ...] = ()) -> frozenset[str]:
        return resolve(catalogue_of(SMALL), Options(profile=names, profiles=self.PROFILES, regex=regex)).wanted

    def complaint(self, *names: str) -> tuple[str, str]:
        with pytest.raises(UsageError) as caught:
            self.chosen(*names)
        return caught.value.message, caught.value.hint

    def test_choose_what_any_of_their_expressions_finds(self) -> None:
        assert self.chosen("infra") == {"cron"}  # that there is no rabbitmq is fine
        assert self.chosen("infra", "mine") == {"cron", "nova-base", "nova-api"}

    def test_count_only_where_no_expression_was_given(self) -> None:
        assert self.chosen("infra", regex=("nova-api",)) == {"nova-api"}

    def test_that_find_nothing_are_a_mistake(self) -> None:
        assert self.complaint("elsewhere") == ("no image is in elsewhere", "see `kollage list`")

    def test_that_are_not_known_get_the_nearest_name(self) -> None:
        assert self.complaint("infra", "mien") == ("there is no profile 'mien'", "did you mean 'mine'?")

    def test_that_are_empty_are_as_good_as_none(self) -> None:
        assert self.complaint("empty") == ("there is no profile 'empty'", "one of elsewhere, infra, mine")

    def test_of_kollas_are_built_in_and_the_configuration_file_adds_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "kolla-build.conf").write_text("[profiles]\nedge = ^cron$,rabbitmq\ninfra = nova-api\n")
        argv = [f"--config-file={tmp_path / 'kolla-build.conf'}", "--profile"]
        chosen = {
            name: resolve(catalogue_of(SMALL), load_options("list", [*argv, name], {"HOME": str(tmp_path)})).wanted
            for name in ("main", "edge", "infra")
        }
        assert chosen == {"main": {"nova-base", "nova-api"}, "edge": {"cron"}, "infra": {"nova-api"}}


class TestSkippedParents:
    def test_are_all_that_others_of_the_catalogue_stand_on_even_if_those_are_not_asked_for(self) -> None:
        graph = resolve(catalogue_of(SMALL), Options(skip_parents=True, regex=("nova-base", "cron")))
        assert graph.skipped == dict.fromkeys(["base", "openstack-base", "nova-base"], "--skip-parents")
        assert [image.name for image in graph.taken()] == ["cron"]
        assert graph.wanted == {"nova-base", "cron"}

    def test_are_none_unless_that_was_asked_for(self) -> None:
        graph = resolve(catalogue_of(SMALL), Options())
        assert graph.skipped == {}
        assert graph.taken() == graph.images


class TestMistakes:
    def test_a_parent_that_is_not_there_is_named_with_the_file_and_the_nearest_name(self) -> None:
        with pytest.raises(CatalogueError) as caught:
            resolve(catalogue_of({**SMALL, "nova-ssh": "nova-bse"}), Options(regex=("cron",)))
        assert caught.value.message == "images/nova-ssh/image.toml: parent 'nova-bse' is not in the catalogue"
        assert caught.value.hint == "did you mean 'nova-base'?"

    def test_a_circle_is_told_from_image_to_image(self) -> None:
        with pytest.raises(CatalogueError) as caught:
            resolve(catalogue_of({"d": "a", "a": "b", "b": "c", "c": "a"}), Options())
        assert caught.value.message == "the images stand on each other in a circle: a -> b -> c -> a"
        assert caught.value.hint == "change one parent"

    @CALM
    @given(forests(), st.data())
    def test_any_circle_is_found_and_holds_exactly_its_images(
        self, parents: dict[str, str | None], data: st.DataObject
    ) -> None:
        bottom = data.draw(st.sampled_from(sorted(parents)))
        line = ancestors(bottom, parents) | {bottom}
        top = next(name for name in line if parents[name] is None)
        with pytest.raises(CatalogueError) as caught:
            resolve(catalogue_of({**parents, top: bottom}), Options())
        circle = caught.value.message.partition("circle: ")[2].split(" -> ")
        assert circle[0] == circle[-1]
        assert sorted(circle[1:]) == sorted(line)
        assert all({**parents, top: bottom}[child] == parent for child, parent in pairwise(circle))


class TestAnyForest:
    @CALM
    @given(forests())
    def test_every_parent_comes_before_its_children_and_every_image_once(self, parents: dict[str, str | None]) -> None:
        names = names_of(resolve(catalogue_of(parents), Options()))
        assert sorted(names) == sorted(parents)
        for name, parent in parents.items():
            assert parent is None or names.index(parent) < names.index(name)

    @CALM
    @given(forests(), st.data())
    def test_a_selection_is_what_was_asked_for_and_all_it_stands_on(
        self, parents: dict[str, str | None], data: st.DataObject
    ) -> None:
        asked = data.draw(st.lists(st.sampled_from(sorted(parents)), min_size=1, unique=True))
        graph = resolve(catalogue_of(parents), Options(regex=tuple(f"^{name}$" for name in asked)))
        assert graph.wanted == set(asked)
        assert set(names_of(graph)) == set(asked).union(*(ancestors(name, parents) for name in asked))

    @CALM
    @given(forests(), st.randoms(use_true_random=False))
    def test_the_order_of_the_catalogue_and_of_the_expressions_does_not_matter(
        self, parents: dict[str, str | None], dice: random.Random
    ) -> None:
        expressions = [f"^{name}$" for name in parents]
        shuffled = list(parents.items())
        dice.shuffle(shuffled)
        first = resolve(catalogue_of(parents), Options(regex=tuple(expressions)))
        dice.shuffle(expressions)
        assert resolve(catalogue_of(dict(shuffled)), Options(regex=tuple(expressions))) == first

    @CALM
    @given(forests(), st.data())
    def test_an_image_is_left_out_exactly_when_it_or_something_below_it_is_not_supported(
        self, parents: dict[str, str | None], data: st.DataObject
    ) -> None:
        bad = set(data.draw(st.lists(st.sampled_from(sorted(parents)), unique=True)))
        left = {name for name in parents if not ({name} | ancestors(name, parents)) & bad}
        images = catalogue_of(parents, {name: {"debian": "no"} for name in bad})
        if not left:
            with pytest.raises(UsageError):
                resolve(images, Options())
            return
        graph = resolve(images, Options())
        assert graph.wanted == left
        assert graph.excluded.keys() == parents.keys() - left
        assert set(names_of(graph)) == left
