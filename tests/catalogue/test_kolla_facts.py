"""The facts about Kolla's images that come with Kollage fit what the program makes of them."""

import tomllib
from pathlib import Path
from string import Template

import pytest

from kollage.catalogue import IMAGES, kolla
from kollage.catalogue.sections import KINDS
from kollage.errors import UsageError
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


CODE = """\
SOURCES = {
    'etcd': {
        'version': '3.6.5',  # one minor version at a time
        'type': 'url',
        'sha256': {'amd64': 'ab'},
        'location': ('https://example.org/'
                     'etcd-${version}.tar.gz')},
}
"""


@pytest.mark.parametrize("place", ["kolla/common", "common"])
def test_a_tree_that_has_its_sources_in_code_is_built_from_those(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "sources.py").write_text(CODE)
    (source,) = kolla.sources(tmp_path / "docker").values()
    assert (source.name, source.version, source.sha256) == ("etcd", "3.6.5", {"amd64": "ab"})
    assert source.location == "https://example.org/etcd-${version}.tar.gz"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SOURCES = {", "not valid Python"),
        ("SOURCES = f()", "must be a mapping, not None"),
        ("SOURCES = {'etcd': {}}", "etcd has no type"),
    ],
)
def test_code_that_says_none_is_an_error_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "sources.py").write_text(text)
    with pytest.raises(UsageError, match=rf"/common/sources\.py: .*{words}"):
        kolla.sources(tmp_path / "docker")
