"""The releases that come with Kollage are locked as their files ask, and name no place of a machine."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from kollage.catalogue import load_catalogue
from kollage.releases import load_release, path_of, release_names
from kollage.releases.lock import check, load_request, load_sets
from kollage.releases.pins import pins

releases = pytest.mark.parametrize("name", release_names())


@releases
def test_the_lock_is_what_the_release_asks_for(name: str) -> None:
    assert check(path_of(name)) == ()


@releases
def test_every_release_can_be_loaded(name: str) -> None:
    release = load_release(name)

    assert release.projects
    assert release.constraints.is_file()


@releases
def test_each_name_is_locked_once_for_every_python_and_machine(name: str) -> None:
    names = [pin.name for pin in pins(load_release(name).constraints.read_text())]

    assert len(names) == len(set(names))


@releases
def test_nothing_names_an_index_or_a_folder(name: str) -> None:
    request = load_request(path_of(name))
    for path in (request.lock, request.caps):
        assert not re.search(r"https?://|file:|^-|\s/\w", path.read_text(), re.MULTILINE), path


@releases
def test_setuptools_can_build_what_still_needs_pkg_resources(name: str) -> None:
    (setuptools,) = (pin for pin in pins(load_release(name).constraints.read_text()) if pin.name == "setuptools")

    assert Requirement("setuptools<82").specifier.contains(setuptools.version)


def test_octavia_of_2026_2_gets_a_sqlalchemy_that_it_starts_with() -> None:
    pinned = {pin.name: pin.version for pin in pins(load_release("2026.2").constraints.read_text())}

    assert Requirement("sqlalchemy<2.1").specifier.contains(pinned["sqlalchemy"])
    assert "openstack-venus" not in pinned


def test_files_that_belong_to_no_release_are_not_kept() -> None:
    folder = path_of("2026.2").parent
    expected = {Path(folder, f"{name}{end}") for name in release_names() for end in (".toml", ".lock", ".caps.txt")}
    apart = {request.lock for name in release_names() for request in load_sets(path_of(name))}

    assert set(folder.iterdir()) == expected | apart


@releases
def test_a_set_differs_from_the_release_only_where_it_has_to(name: str) -> None:
    """What both lock and no requirement of the set bounds has one version: at most one in ten is another one."""
    versions = {pin.name: pin.version for pin in pins(load_release(name).constraints.read_text())}
    for request in load_sets(path_of(name)):
        both = [pin for pin in pins(request.lock.read_text()) if pin.name in versions]
        others = [pin.name for pin in both if pin.version != versions[pin.name]]
        assert len(others) <= max(3, len(both) // 10), (request.set, others)


def test_images_name_the_sets_that_releases_have_and_no_other() -> None:
    """A release without one has that project among all others."""
    named = {image.python.constraints for image in load_catalogue().images.values()} - {""}

    assert named == {request.set for name in release_names() for request in load_sets(path_of(name))}
