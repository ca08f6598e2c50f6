"""Many patterns at once match what each of them matches."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kollage.verify.patterns import any_of

TEXTS = st.text("/ab.-[*\n", max_size=8)
PATTERNS = st.text("/ab.-*?[]!", max_size=6)


@pytest.mark.parametrize(
    ("patterns", "there", "not_there"),
    [
        (["/etc/pip.conf"], ["/etc/pip.conf"], ["/etc/pip.conf.d", "/etc/pipxconf", "x/etc/pip.conf"]),
        (["/etc/*"], ["/etc/", "/etc/a/b"], ["/etc", "/srv/etc/a"]),
        (["*.conf"], ["/a.conf", ".conf"], ["/a.conf.d/b"]),
        (["*/.cache/*"], ["/root/.cache/", "/.cache/a/b"], ["/root/.cache", ".cache/a"]),
        (["/*-source/*/build/lib*"], ["/a-source/b/build/lib/c"], ["/a-source/build/lib", "/b/build/lib"]),
        (["gcc-[0-9]*", "a?c"], ["gcc-14", "abc"], ["gcc-x", "ac"]),
        (["*"], ["", "/a"], []),
        ([], [], ["", "/a"]),
        (["/a*", "*.b", "c", "*d*e"], ["/a", "x.b", "c", "de", "/d/e"], ["a", "cc", "ed"]),
    ],
)
def test_a_pattern_matches_as_in_a_shell(
    patterns: Sequence[str], there: Sequence[str], not_there: Sequence[str]
) -> None:
    matches = any_of(patterns)
    assert [text for text in there if not matches(text)] == []
    assert [text for text in not_there if matches(text)] == []


@given(st.lists(PATTERNS, max_size=5), st.lists(TEXTS, max_size=5))
def test_all_at_once_match_what_one_of_them_matches(patterns: list[str], texts: list[str]) -> None:
    matches = any_of(patterns)
    expected = [any(fnmatchcase(text, pattern) for pattern in patterns) for text in texts]
    assert [matches(text) for text in texts] == expected
