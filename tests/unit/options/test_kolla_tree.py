"""A tree of Kolla's says in the package beside it which release it is of and what it stands on."""

import pytest
from tests.unit.options.machine import Machine

CONFIG = """\
import os
OPENSTACK_RELEASE = '2025.2'
DEFAULT_BASE_TAGS = {'debian': {'name': 'debian', 'tag': 'bookworm'}, 'rocky': {'tag': 10}}
"""


@pytest.fixture
def tree(machine: Machine) -> str:
    machine.write("kolla/docker/base/Dockerfile.j2", "FROM debian\n")
    return f"--images-dir={machine.root / 'kolla/docker'}"


@pytest.mark.parametrize("place", ["kolla/kolla/common/config.py", "kolla/common/config.py"])  # a checkout, a package
class TestThatSaysIt:
    def test_is_built_as_what_it_is(self, machine: Machine, tree: str, place: str) -> None:
        machine.write(place, CONFIG)
        options = machine.build("--base=debian", tree)
        assert (options.release, options.base_tag, options.tag) == ("2025.2", "bookworm", "2025.2-debian-bookworm")
        assert options.openstack_branch == "stable-2025.2"

    def test_gives_way_to_flags(self, machine: Machine, tree: str, place: str) -> None:
        machine.write(place, CONFIG)
        options = machine.build("--base=debian", tree, "--release=zed", "--base-tag=sid")
        assert (options.release, options.base_tag) == ("zed", "sid")

    def test_has_its_own_bases_in_any_release(self, machine: Machine, tree: str, place: str) -> None:
        machine.write(place, CONFIG)
        assert machine.build("--base=debian", tree, "--release=master").base_tag == "bookworm"


@pytest.mark.parametrize("text", ["", "OPENSTACK_RELEASE = f()\n", "OPENSTACK_RELEASE = 7\n", "def", "A = '\0'\n"])
def test_one_that_does_not_is_built_as_ever(machine: Machine, tree: str, text: str) -> None:
    machine.write("kolla/kolla/common/config.py", text)
    options = machine.build("--base=debian", tree)
    assert (options.release, options.base_tag) == ("2026.2", "trixie")


def test_a_tag_that_is_none_is_not_taken(machine: Machine, tree: str) -> None:
    machine.write("kolla/common/config.py", CONFIG)
    assert machine.build("--base=rocky", tree).base_tag == "10"
