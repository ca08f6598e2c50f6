"""The facts about Kolla's images that come with Kollage fit what the program makes of them."""

import tomllib
from pathlib import Path
from string import Template

import pytest

from kollage.catalogue import IMAGES, kolla
from kollage.catalogue.sections import KINDS
from kollage.image import ARCHITECTURES, BASES, SOURCE_TYPES
from kollage.options.settings.sections import SOURCE_SECTIONS

SOURCES = kolla.sources(IMAGES)
UNBUILDABLE = tomllib.loads((IMAGES / "kolla" / "unbuildable.toml").read_text(encoding="utf-8"))
VARIABLES = {
    "tarballs_base", "openstack_branch", "openstack_branch_slashed", "version", "debian_arch", "base", "base_arch",
    "locals_base", "openstack_release",
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_can_be_had(name: str) -> None:
    source = SOURCES[name]
    assert (source.name, source.type in SOURCE_TYPES) == (name, True)
    assert set(Template(source.location + source.reference).get_identifiers()) <= VARIABLES
    assert source.version or "${version}" not in source.location
    assert all(len(digest) == 64 for digest in source.sha256.values())


def test_every_source_of_an_image_has_a_section_that_can_replace_it() -> None:
    """Plugins and additions have one by their form."""
    own = {name for name in SOURCES if not any(f"-{kind}-" in name for kind in KINDS)}
    assert own == set(SOURCE_SECTIONS)


def test_where_an_image_does_not_build_is_a_place_that_is_known_and_has_a_reason() -> None:
    places = {*BASES, *ARCHITECTURES, *(f"{base}-{arch}" for base in BASES for arch in ARCHITECTURES)}
    assert set(UNBUILDABLE) <= places
    assert all(reason.strip() for reasons in UNBUILDABLE.values() for reason in reasons.values())


@pytest.mark.parametrize("name", ["sources.yaml", "repos.yaml"])
def test_they_come_with_kollage_where_a_tree_has_none_beside_it(tmp_path: Path, name: str) -> None:
    assert kolla.facts_file(tmp_path / "docker", name) == IMAGES / "kolla" / name
