"""Files of sections and keys are read whole, and merged key by key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kollage.deploy import ini
from kollage.errors import UsageError

HERE = Path("here.conf")
_WORD = st.text("abcdefgh_", min_size=1, max_size=8)
SECTIONS = st.dictionaries(
    _WORD, st.dictionaries(_WORD, st.lists(st.text("xyz, :=/{}%$", max_size=9).map(str.strip), min_size=1, max_size=3))
)


def test_sections_keys_and_values_that_repeat_are_all_kept() -> None:
    text = "# said\n[DEFAULT]\nkey = a\nkey = b\n; more\n\n[other section]\nwhole: 1\nflag\n"
    assert ini.parsed(text, HERE) == {"DEFAULT": {"key": ["a", "b"]}, "other section": {"whole": ["1"], "flag": ["\0"]}}


def test_a_line_that_begins_with_a_blank_goes_on_with_the_value() -> None:
    assert ini.parsed("[a]\nkey = one\n  two\n", HERE) == {"a": {"key": ["one\n  two"]}}


def test_what_stands_above_replaces_all_values_of_a_key_and_nothing_else() -> None:
    below = {"a": {"one": ["1", "2"], "two": ["2"]}, "b": {"three": ["3"]}}
    assert ini.merged(below, {"a": {"one": ["9"]}, "c": {"four": ["4"]}}) == {
        "a": {"one": ["9"], "two": ["2"]},
        "b": {"three": ["3"]},
        "c": {"four": ["4"]},
    }


@given(SECTIONS)
def test_what_is_written_reads_as_the_same(sections: ini.Sections) -> None:
    assert ini.parsed(ini.written(sections), HERE) == sections


@pytest.mark.parametrize(
    ("text", "line"), [("key = 1\n", 1), ("[a]\n= 1\n", 2), ("[a\n", 1), ("[]\n", 1), ("\n[a]\n\n[b\n", 4)]
)
def test_what_does_not_parse_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=f"^here.conf:{line}: this does not parse"):
        ini.parsed(text, HERE)
