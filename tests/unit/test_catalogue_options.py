"""The sections of a configuration file change what the catalogue says of sources and accounts, and nothing else."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue import Catalogue, with_kolla_sources, with_options
from kollage.errors import UsageError
from kollage.image import Account, Image, Source
from kollage.options import Options, SourceOptions, UserOptions

INDEX = Source(name="nova-base", type="pypi", location="nova", version="1", link="/nova", config="etc")
FETCHED = Source(name="cadvisor", type="url", location="https://a/${v}", sha256={"": "0"})
CATALOGUE = Catalogue(
    root=Path("images"),
    images={
        "nova-base": Image(
            name="nova-base", folder=Path("nova-base"), description="", parent=None, sources=(INDEX, FETCHED)
        ),
        "horizon": Image(name="horizon", folder=Path("horizon"), description="", parent=None),
    },
    accounts={"nova": Account(uid=1, gid=2, group="nova"), "ha": Account(uid=3, gid=3, group="haclient")},
    repositories={},
)


def sources_with(sections: Mapping[str, SourceOptions]) -> tuple[Source, ...]:
    return with_options(CATALOGUE, Options(sources=sections)).images["nova-base"].sources


def accounts_with(users: Mapping[str, UserOptions]) -> Mapping[str, Account]:
    return with_options(CATALOGUE, Options(users=users)).accounts


def test_without_sections_the_catalogue_stays_as_it_is() -> None:
    assert with_options(CATALOGUE, Options()) == CATALOGUE


class TestSources:
    def test_a_section_replaces_where_a_source_comes_from_and_not_where_it_goes(self) -> None:
        section = SourceOptions(type="git", location="https://g", reference="stable")
        assert sources_with({"nova-base": section}) == (
            Source(name="nova-base", type="git", location="https://g", reference="stable", link="/nova", config="etc"),
            FETCHED,
        )

    def test_git_without_a_reference_means_master(self) -> None:
        changed = sources_with({"nova-base": SourceOptions(type="git", location="https://g")})[0]
        assert changed.reference == "master"

    def test_what_a_section_does_not_say_holds_as_it_was(self) -> None:
        assert sources_with({"nova-base": SourceOptions(type="", version="2")})[0] == Source(
            name="nova-base", type="pypi", location="nova", version="2", link="/nova", config="etc"
        )

    def test_a_checksum_of_the_section_replaces_the_catalogues(self) -> None:
        section = SourceOptions(type="url", location="https://b", sha256={"x86_64": "1"})
        assert sources_with({"cadvisor": section})[1] == Source(
            name="cadvisor", type="url", location="https://b", sha256={"x86_64": "1"}
        )

    def test_a_location_may_speak_of_the_catalogues_version(self) -> None:
        section = SourceOptions(type="pypi", location="nova-${version}")
        assert sources_with({"nova-base": section})[0].location == "nova-1"

    def test_a_source_that_is_switched_off_is_gone(self) -> None:
        assert sources_with({"nova-base": SourceOptions(type="", enabled=False)}) == (FETCHED,)

    def test_a_section_that_belongs_to_no_source_gets_the_nearest_name(self) -> None:
        with pytest.raises(UsageError) as caught:
            sources_with({"nova-bse": SourceOptions(type="git", location="https://g")})
        assert caught.value.message == "the configuration has a section [nova-bse], but no image has such a source"
        assert caught.value.hint == "did you mean 'nova-base'?"


class TestPluginsAndAdditions:
    SECTIONS: Mapping[str, SourceOptions] = {
        "horizon-plugin-b": SourceOptions(type="git", location="https://b"),
        "horizon-plugin-a": SourceOptions(type="url", location="https://a"),
        "horizon-plugin-off": SourceOptions(type="url", location="https://o", enabled=False),
        "horizon-additions-c": SourceOptions(type="local", location="/c"),
    }

    def test_plugins_come_in_order_of_their_names_and_only_those_that_are_on(self) -> None:
        changed = with_options(CATALOGUE, Options(sources=self.SECTIONS)).images["horizon"]
        assert changed.plugin_sources == (
            Source(name="horizon-plugin-a", type="url", location="https://a"),
            Source(name="horizon-plugin-b", type="git", location="https://b", reference="master"),
        )

    def test_additions_are_told_apart_from_plugins(self) -> None:
        changed = with_options(CATALOGUE, Options(sources=self.SECTIONS)).images["horizon"]
        assert changed.addition_sources == (Source(name="horizon-additions-c", type="local", location="/c"),)

    def test_another_image_gets_none(self) -> None:
        changed = with_options(CATALOGUE, Options(sources=self.SECTIONS))
        assert changed.images["nova-base"] == CATALOGUE.images["nova-base"]

    def test_one_for_an_image_of_kollas_that_is_not_there_means_nothing(self) -> None:
        sections = {"skyline-console-plugin-a": SourceOptions(type="url", location="https://a")}
        assert with_options(CATALOGUE, Options(sources=sections)) == CATALOGUE

    def test_one_for_an_image_that_nobody_has_is_a_mistake(self) -> None:
        with pytest.raises(UsageError, match=r"section \[swft-plugin-a\], but no image has such a source"):
            sources_with({"swft-plugin-a": SourceOptions(type="url", location="https://a")})


class TestImagesOfKollas:
    """Their templates say nothing of sources: Kolla's own facts do, and what the file says is laid over them."""

    @staticmethod
    def image(name: str, sections: Mapping[str, SourceOptions] = {}) -> Image:
        image = Image(name=name, folder=Path(name), description="", parent=None, whole=True)
        catalogue = dataclasses.replace(CATALOGUE, images={name: image})
        return with_kolla_sources(catalogue, Options(sources=sections)).images[name]

    def test_have_the_sources_that_kolla_knows(self) -> None:
        (source,) = self.image("etcd").sources
        assert (source.name, source.type) == ("etcd", "url")
        assert source.location.startswith("https://github.com/etcd-io/etcd/releases/download/v${version}/")
        assert source.sha256.keys() == {"amd64", "arm64"}
        assert source.version

    def test_have_the_plugins_that_kolla_knows_in_order_of_their_names(self) -> None:
        nova, horizon = (
            [source.name for source in self.image(name).plugin_sources] for name in ("nova-base", "horizon")
        )
        assert nova == ["nova-base-plugin-blazar"]
        assert (horizon, len(horizon)) == (sorted(horizon), 15)
        assert self.image("cron").plugin_sources == ()

    def test_get_what_a_section_says_instead_of_what_kolla_knows(self) -> None:
        section = SourceOptions(type="git", location="https://g", reference="stable")
        assert self.image("nova-base", {"nova-base": section}).sources == (
            Source(name="nova-base", type="git", location="https://g", reference="stable"),
        )

    def test_lose_a_source_that_is_switched_off(self) -> None:
        off = SourceOptions(type="", enabled=False)
        assert self.image("nova-base", {"nova-base": off}).sources == ()
        horizon = self.image("horizon", {"horizon-plugin-heat-dashboard": off})
        assert len(horizon.plugin_sources) == len(self.image("horizon").plugin_sources) - 1

    def test_get_a_source_of_their_own_from_a_section_of_their_name(self) -> None:
        section = SourceOptions(type="url", location="https://m")
        assert self.image("mine", {"mine": section}).sources == (Source(name="mine", type="url", location="https://m"),)

    def test_get_plugins_and_additions_that_only_sections_name_behind_the_known_ones(self) -> None:
        image = self.image(
            "horizon",
            {
                "horizon-plugin-aa": SourceOptions(type="url", location="https://a"),
                "horizon-additions-b": SourceOptions(type="local", location="/b"),
            },
        )
        assert image.plugin_sources == (
            *self.image("horizon").plugin_sources,
            Source(name="horizon-plugin-aa", type="url", location="https://a"),
        )
        assert image.addition_sources == (Source(name="horizon-additions-b", type="local", location="/b"),)

    def test_that_kolla_has_and_the_catalogue_lacks_may_have_a_section(self) -> None:
        sections = {"glance-base": SourceOptions(type="git", location="https://g")}
        assert with_options(CATALOGUE, Options(sources=sections)) == CATALOGUE

    def test_that_nobody_has_get_the_nearest_name_of_kollas(self) -> None:
        with pytest.raises(UsageError) as caught:
            self.image("cron", {"glance-bsae": SourceOptions(type="git", location="https://g")})
        assert caught.value.message == "the configuration has a section [glance-bsae], but no image has such a source"
        assert caught.value.hint == "did you mean 'glance-base'?"

    @pytest.mark.parametrize("tree", ["kolla/docker", "docker"])
    def test_know_their_sources_from_the_package_that_the_tree_lies_in(self, tmp_path: Path, tree: str) -> None:
        """A package has its facts beside the folder of images, a checkout in the package beside it."""
        facts = tmp_path / "kolla" / "common" / "sources.yaml"
        facts.parent.mkdir(parents=True)
        facts.write_text("cron:\n  type: url\n  location: https://c\n", encoding="utf-8")
        image = Image(name="cron", folder=Path("cron"), description="", parent=None, whole=True)
        catalogue = dataclasses.replace(CATALOGUE, root=tmp_path / tree, images={"cron": image})
        assert with_kolla_sources(catalogue, Options()).images["cron"].sources == (
            Source(name="cron", type="url", location="https://c"),
        )


class TestAccounts:
    def test_a_section_changes_the_numbers_that_it_names(self) -> None:
        assert accounts_with({"nova": UserOptions(uid=7), "ha": UserOptions(gid=8, group="other")}) == {
            "nova": Account(uid=7, gid=2, group="nova"),
            "ha": Account(uid=3, gid=8, group="other"),
        }

    def test_a_new_account_has_the_group_of_its_name_and_number(self) -> None:
        assert accounts_with({"mine": UserOptions(uid=9)})["mine"] == Account(uid=9, gid=9, group="mine")

    def test_a_new_account_needs_a_number(self) -> None:
        with pytest.raises(UsageError) as caught:
            accounts_with({"mine": UserOptions(group="all")})
        assert caught.value.message == "the section [mine-user] describes a new account without a number"
        assert caught.value.hint == "add uid to [mine-user]"
