"""Tables and lines: plain and whole in a pipe, coloured and cut on a terminal."""

import re

import pytest

from kollage.report.sheet import STYLES, Table, dockerfile, joined, shortened, visible, written
from kollage.results import Status
from kollage.steps import Action

TABLE = Table(
    ("image", "result", "time", "reason"),
    (
        ("prometheus-elasticsearch-exporter", "built", "41s", "the recipe of it changed"),
        ("cron", "failed", "3m12s", "unchanged"),
    ),
)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def test_in_a_pipe_columns_are_aligned_and_whole() -> None:
    assert written([TABLE, [], [("2 images", "bold")]], terminal=False) == (
        "image                              result   time  reason\n"
        "prometheus-elasticsearch-exporter  built     41s  the recipe of it changed\n"
        "cron                               failed  3m12s  unchanged\n"
        "\n"
        "2 images\n"
    )


def without_styles(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_on_a_narrow_terminal_names_shrink_before_reasons_vanish() -> None:
    assert without_styles(written([TABLE], terminal=True)) == (
        "image                    result   time  reason\n"
        "prometheus-ela…exporter  built     41s  the recipe of it ch…\n"
        "cron                     failed  3m12s  unchanged\n"
    )


def test_on_a_terminal_words_have_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31mfailed\x1b[0m" in written([TABLE], terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "[31m" not in written([TABLE], terminal=True)


@pytest.mark.parametrize("word", [*Status, *Action])
def test_every_way_to_end_and_to_go_on_has_a_style(word: str) -> None:
    assert word in STYLES


def test_a_long_line_is_not_broken_so_that_it_can_be_copied() -> None:
    command = "buildah build " + "--build-arg a=b " * 20 + "."
    assert written([[(command, "")]], terminal=True) == f"{command}\n"


def test_a_column_without_content_is_left_out() -> None:
    table = Table(("image", "size", "reason"), (("cron", "", "unchanged"),))
    assert written([table], terminal=False) == "image  reason\ncron   unchanged\n"


def test_a_cell_can_neither_steer_the_terminal_nor_use_markup() -> None:
    table = Table(("image", "reason"), (("a\x1b[2J", "[red]b[/red]\nc"),))
    assert written([table], terminal=False) == "image  reason\na      [red]b[/red] c\n"
    assert "[red]b[/red] c\n" in written([table], terminal=True)


def test_pieces_are_joined_by_commas() -> None:
    assert joined([("1 built", "green"), ("2 failed", "red")]) == [
        ("1 built", "green"),
        (", ", ""),
        ("2 failed", "red"),
    ]


def test_a_name_is_shortened_in_its_middle() -> None:
    assert [shortened("prometheus-exporter", 19), shortened("prometheus-exporter", 16)] == [
        "prometheus-exporter",
        "prometh…exporter",
    ]


def test_control_characters_are_made_visible_and_further_lines_indented() -> None:
    assert visible("a\x1b[2J\tb\\\nhint: forged\udc80 é") == "a\\x1b[2J\\tb\\\n    hint: forged\\udc80 é"


def test_a_dockerfile_is_coloured_without_losing_a_character() -> None:
    text = 'FROM debian AS base\nRUN apt-get \\\n    install "[red]" ' + "package " * 20 + "\n\nUSER 1\n"
    coloured = dockerfile(text)
    assert coloured != text
    assert without_styles(coloured) == text
    assert without_styles(dockerfile("RUN \x1b[2J\n")) == "RUN \\x1b[2J\n"
