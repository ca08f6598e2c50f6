"""The page about Kolla's own command says of each flag and key what is true."""

from pathlib import Path

import pytest
from tests.unit.options import test_kolla_flags as kolla
from tests.unit.options.machine import Machine

from kollage.errors import UsageError
from kollage.options.comparison import FLAGS, KEYS, Row, comparison_page
from kollage.options.verbs import KOLLA_BUILD

ALWAYS = {"--config-file", "--config-dir", "--help", "-h", "--version", "--shell_completion"}


def test_the_page_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs/reference/kolla-build.md"
    assert page.read_text(encoding="utf-8") == comparison_page(), (
        f"run: python -m kollage.options.comparison > {page.name}"
    )


def test_every_flag_of_kolla_is_on_the_page() -> None:
    names = {f"--{row.long}" for row in kolla.VALUES} | {f"--{long}" for long, _, _ in kolla.SWITCHES}
    short = {f"-{row.short}" for row in kolla.VALUES if row.short} | {f"-{s}" for _, s, _ in kolla.SWITCHES if s}
    assert {name for row in FLAGS for name in row.names} == names | short | ALWAYS | {"REGEX"}


def test_every_key_of_kolla_is_on_the_page() -> None:
    assert {name for row in KEYS for name in row.names} == {row.long for row in kolla.KEYS}


def test_no_row_is_there_twice_and_every_difference_is_told() -> None:
    rows = [*FLAGS, *KEYS]
    names = [name for row in rows for name in row.names]
    assert sorted(names) == sorted(set(names))
    assert [row.names for row in rows if row.verdict != "same" and not row.how] == []
    assert {row.verdict for row in rows} == {"same", "better", "dropped"}


@pytest.mark.parametrize("row", [row for row in FLAGS if row.verdict == "dropped"], ids=lambda row: row.names[0])
def test_what_was_dropped_is_refused_in_the_words_of_the_page(machine: Machine, row: Row) -> None:
    for name in row.names:
        with pytest.raises(UsageError) as caught:
            machine.load("kolla-build", name)
        assert f"`{caught.value.message}`" in row.how


def test_what_is_kept_has_the_short_name_that_kolla_gave_it() -> None:
    short = {f"--{setting.name}": setting.short for setting in KOLLA_BUILD.flags}
    for row in FLAGS:
        long = row.names[0].replace("_", "-")
        if long in short:
            assert tuple(f"-{each}" for each in short[long]) == row.names[1:]
