"""The sections of a configuration file change what the catalogue says of sources and accounts, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue import Catalogue, additional_sources, with_options
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


class TestAdditionalSources:
    SECTIONS: Mapping[str, SourceOptions] = {
        "horizon-plugin-b": SourceOptions(type="git", location="https://b"),
        "horizon-plugin-a": SourceOptions(type="url", location="https://a"),
        "horizon-plugin-off": SourceOptions(type="url", location="https://o", enabled=False),
        "horizon-additions-c": SourceOptions(type="local", location="/c"),
    }

    def test_plugins_come_in_order_of_their_names_and_only_those_that_are_on(self) -> None:
        assert additional_sources("horizon", "plugin", self.SECTIONS) == (
            Source(name="horizon-plugin-a", type="url", location="https://a"),
            Source(name="horizon-plugin-b", type="git", location="https://b", reference="master"),
        )

    def test_additions_are_told_apart_from_plugins(self) -> None:
        assert additional_sources("horizon", "additions", self.SECTIONS) == (
            Source(name="horizon-additions-c", type="local", location="/c"),
        )

    def test_another_image_gets_none(self) -> None:
        assert additional_sources("nova-base", "plugin", self.SECTIONS) == ()

    def test_their_sections_are_known_though_no_image_names_them(self) -> None:
        assert with_options(CATALOGUE, Options(sources=self.SECTIONS)) == CATALOGUE

    def test_an_addition_to_an_image_that_is_not_there_is_a_mistake(self) -> None:
        with pytest.raises(UsageError, match=r"section \[swift-plugin-a\], but no image has such a source"):
            sources_with({"swift-plugin-a": SourceOptions(type="url", location="https://a")})


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
