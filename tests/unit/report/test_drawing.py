"""Drawings: the same nodes and edges in every form, and pictures that are real."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kollage.errors import UsageError
from kollage.report.drawing import draw, graphviz, mermaid

PARENTS = {"nova-base": "openstack-base", "base": None, "openstack-base": "base", "end": "base"}
DOT = """\
digraph {
    rankdir=LR
    node [shape=box]
    "base"
    "end"
    "nova-base"
    "openstack-base"
    "base" -> "end"
    "base" -> "openstack-base"
    "openstack-base" -> "nova-base"
}
"""


def test_graphviz_text_has_a_node_for_each_image_and_an_edge_from_its_parent() -> None:
    assert graphviz(PARENTS) == DOT


def test_the_order_in_which_images_come_does_not_matter() -> None:
    backwards = dict(reversed(PARENTS.items()))
    assert graphviz(backwards) == graphviz(PARENTS)
    assert mermaid(backwards) == mermaid(PARENTS)


def test_mermaid_text_joins_numbers_that_stand_for_names() -> None:
    assert mermaid(PARENTS) == (
        "flowchart LR\n"
        '    n0["base"]\n'
        '    n1["end"]\n'
        '    n2["nova-base"]\n'
        '    n3["openstack-base"]\n'
        "    n0 --> n1\n"
        "    n0 --> n3\n"
        "    n3 --> n2\n"
    )


def test_a_parent_that_was_not_chosen_is_drawn_as_the_end_of_an_edge() -> None:
    assert '"base" -> "cron"' in graphviz({"cron": "base"})
    assert mermaid({"cron": "base"}) == 'flowchart LR\n    n0["base"]\n    n1["cron"]\n    n0 --> n1\n'


def test_no_name_can_leave_its_quotes(tmp_path: Path) -> None:
    names = {'a" -> "b': None, "c\\": None, "d#quot;": None}
    draw(names, tmp_path / "x.svg")
    assert {*texts(tmp_path / "x.svg")} == {*names}
    assert mermaid(names) == ('flowchart LR\n    n0["a#quot; -> #quot;b"]\n    n1["c\\"]\n    n2["d#35;quot;"]\n')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.dot", DOT),
        ("a.gv", DOT),
        ("a.txt", DOT),
        ("dependencies", DOT),
        ("a.mmd", mermaid(PARENTS)),
        ("a.MMD", mermaid(PARENTS)),
    ],
)
def test_the_ending_says_what_is_written(tmp_path: Path, name: str, text: str) -> None:
    draw(PARENTS, tmp_path / name)
    assert (tmp_path / name).read_text() == text


def texts(picture: Path) -> list[str]:
    return ["".join(each.itertext()) for each in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_shows_every_image_and_every_edge(tmp_path: Path) -> None:
    draw(PARENTS, tmp_path / "images.svg")
    assert sorted(texts(tmp_path / "images.svg")) == sorted(PARENTS)
    titles = re.findall(r"<title>(\S+)&#45;&gt;(\S+)</title>", (tmp_path / "images.svg").read_text())
    plain = {(parent.replace("&#45;", "-"), name.replace("&#45;", "-")) for parent, name in titles}
    assert plain == {(parent, name) for name, parent in PARENTS.items() if parent}


def test_a_png_replaces_what_was_there_and_nothing_else_is_left(tmp_path: Path) -> None:
    picture = tmp_path / "images.PNG"
    picture.write_text("old")
    draw(PARENTS, picture)
    assert picture.read_bytes().startswith(b"\x89PNG\r\n")
    assert list(tmp_path.iterdir()) == [picture]


def test_without_graphviz_a_picture_is_a_mistake_and_a_text_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        draw(PARENTS, tmp_path / "images.svg")
    assert caught.value.message == "images.svg needs Graphviz: the program 'dot' is not installed"
    assert caught.value.hint == "install graphviz, or write .dot"
    assert list(tmp_path.iterdir()) == []
    draw(PARENTS, tmp_path / "images.dot")


@pytest.mark.parametrize("ending", ["dot", "mmd", "svg"])
def test_a_path_that_cannot_be_written_is_a_mistake(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "missing" / f"images.{ending}"
    with pytest.raises(UsageError) as caught:
        draw(PARENTS, path)
    assert caught.value.message == f"the drawing cannot be written to {path}: No such file or directory"
    folder = tmp_path / f"folder.{ending}"
    folder.mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        draw(PARENTS, folder)
