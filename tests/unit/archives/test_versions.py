"""Versions have the order that dpkg gives them."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.archives.versions import key, newer

# the second is the newer one
IN_ORDER = [
    ("1.0", "1.1"),
    ("1.9", "1.10"),
    ("1.0~rc1-1", "1.0-1"),
    ("1.0~~", "1.0~"),
    ("1.0", "1.0a"),
    ("1.0a", "1.0+"),
    ("1.0-1", "1.0-1+deb13u1"),
    ("1.0-1~bpo1", "1.0-1"),
    ("1.0-0~bpo1", "1.0"),
    ("0~", "0"),
    ("9.9", "1:0.1"),
    ("1:9", "2:1"),
    ("1.0-1-1", "1.0-1-2"),
    ("2.41-12+deb13u5", "2.41-12+deb13u10"),
]
SAME = [("1.0", "1.0-0"), ("1.0", "0:1.0"), ("1.00", "1.0"), ("1a", "1a0")]


@pytest.mark.parametrize(("older", "younger"), IN_ORDER)
def test_a_newer_version_is_newer_and_not_the_other_way_round(older: str, younger: str) -> None:
    assert newer(younger, older)
    assert not newer(older, younger)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert key(one) == key(other)


PART = st.text("019az~.+", max_size=5)
VERSIONS = st.builds(
    lambda epoch, number, upstream, revision: f"{epoch}{number}{upstream}{revision}",
    st.sampled_from(["", "0:", "1:", "12:"]),
    st.integers(0, 20),
    PART,
    st.one_of(st.just(""), PART.filter(bool).map(lambda text: f"-{text}")),
)


@pytest.mark.skipif(not shutil.which("dpkg"), reason="there is no dpkg to compare with")
@settings(deadline=None, database=None, max_examples=150)
@given(VERSIONS, VERSIONS)
def test_the_order_is_that_of_dpkg(one: str, other: str) -> None:
    answer = subprocess.run(["dpkg", "--compare-versions", one, "gt", other], check=False).returncode
    assert newer(one, other) == (answer == 0)
