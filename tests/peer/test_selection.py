"""Which images take part: the same as the peer's, for expressions, profiles, parents and what cannot be built."""

import json
import re
from pathlib import Path

import pytest

from tests.peer.conftest import Pair

CONFIGURATION = """\
[profiles]
edge = ^keystone,ovn-
"""
CASES = {
    "everything": ["--base=debian"],
    "everything on rocky": ["--base=rocky"],
    "everything on arm": ["--base=ubuntu", "--base-arch=aarch64"],
    "expressions": ["--base=debian", "^nova-", "etcd$", "nothing-of-the-kind|cron"],
    "a profile": ["--base=debian", "--profile=infra"],
    "profiles": ["--base=rocky", "-p", "main", "-p", "aux"],
    "a profile of the file": ["--base=debian", "--profile=edge"],
    "expressions win over profiles": ["--base=debian", "--profile=main", "etcd"],
    "without parents": ["--base=debian", "--skip-parents", "keystone"],
    "what is not to be built": ["--base=rocky", "tgtd|^cron$"],
    "what is not to be built, nevertheless": ["--base=rocky", "--enable-unbuildable", "tgtd"],
}


@pytest.fixture
def flags(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    (tmp_path / "kolla-build.conf").write_text(CONFIGURATION)
    chosen = CASES[request.param]
    arch = [] if any("--base-arch" in flag for flag in chosen) else ["--base-arch=x86_64"]
    return [f"--config-file={tmp_path / 'kolla-build.conf'}", *arch, *chosen]


@pytest.mark.parametrize("flags", CASES, indirect=True)
def test_the_same_images_are_listed(flags: list[str], pair: Pair) -> None:
    ours, theirs = pair.both("--list-images", *flags)
    assert images(ours) == images(theirs)
    assert len(images(ours)) > 0


def images(output: str) -> set[str]:
    """The names of lines such as `1 : base`."""
    return {match[1] for line in output.splitlines() if (match := re.fullmatch(r"\d+ : (\S+)", line.strip()))}


@pytest.mark.parametrize("flags", ["everything on rocky", "expressions", "without parents"], indirect=True)
def test_the_same_dependencies_are_printed(flags: list[str], pair: Pair) -> None:
    ours, theirs = pair.both("--list-dependencies", *flags)
    assert unordered(json.loads(ours)) == unordered(json.loads(theirs))


def unordered(node: object) -> object:
    """The same nesting with sets for lists: the peer's order is that of its file system."""
    if isinstance(node, dict):
        return frozenset((name, unordered(below)) for name, below in node.items())
    if isinstance(node, list):
        return frozenset(map(unordered, node))
    return node


@pytest.mark.parametrize("flags", ["a profile", "what is not to be built"], indirect=True)
def test_the_same_graph_is_drawn(flags: list[str], pair: Pair, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.dot", tmp_path / "theirs.dot"
    pair.kollage(f"--save-dependency={ours}", *flags)
    pair.kolla(f"--save-dependency={theirs}", *flags)
    assert graph(ours.read_text()) == graph(theirs.read_text())


def graph(text: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The nodes and the edges of a drawing in DOT."""
    name = r'"?([\w-]+)"?'
    edges = {(match[1], match[2]) for match in re.finditer(rf"{name}\s*->\s*{name}", text)}
    statements = re.split(r"[\n\t]", text)  # the peer forgets a line's end
    nodes = {match[1] for each in statements if (match := re.fullmatch(rf"{name};?", each.strip()))}
    return nodes, edges
