"""A fingerprint says which recipe is meant: it follows from the inputs alone, and from all of them."""

import subprocess
import sys

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kollage.fingerprint import content, fingerprint, tag

CALM = settings(deadline=None, database=None)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
INPUTS = st.dictionaries(st.text(), VALUES, max_size=5)


def reordered(value: object) -> object:
    """The same value with the names of every table in the other order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(list(value))}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@CALM
@given(INPUTS)
def test_it_is_thirty_two_hexadecimal_digits(inputs: dict[str, object]) -> None:
    assert len(fingerprint(inputs)) == 32
    assert set(fingerprint(inputs)) <= set("0123456789abcdef")


@CALM
@given(INPUTS)
def test_the_order_of_names_does_not_matter_however_deep_they_are(inputs: dict[str, object]) -> None:
    other = reordered(inputs)
    assert isinstance(other, dict)
    assert fingerprint(other) == fingerprint(inputs)


@CALM
@given(INPUTS, st.text(), VALUES)
def test_one_more_input_changes_it(inputs: dict[str, object], name: str, value: object) -> None:
    assume(name not in inputs)
    assert fingerprint({**inputs, name: value}) != fingerprint(inputs)


@CALM
@given(INPUTS, st.text(), st.text(), st.text())
def test_another_value_changes_it(inputs: dict[str, object], name: str, one: str, other: str) -> None:
    assert (fingerprint({**inputs, name: one}) == fingerprint({**inputs, name: other})) == (one == other)


def test_the_order_of_a_list_matters() -> None:
    assert fingerprint({"sources": ["a", "b"]}) != fingerprint({"sources": ["b", "a"]})


def test_neighbours_are_not_run_together() -> None:
    assert fingerprint({"ab": "c"}) != fingerprint({"a": "bc"})
    assert fingerprint({"sources": ["ab"]}) != fingerprint({"sources": ["a", "b"]})


def test_it_is_the_same_on_every_machine_and_in_every_process() -> None:
    inputs = {"parent": "", "recipe": "FROM parent\n", "context": {"ä": ["0o644", "1"]}}
    assert fingerprint(inputs) == "3b7d93504f3e45f4d0c44c527c3c35ce"
    program = f"from kollage.fingerprint import fingerprint; print(fingerprint({inputs!r}))"
    for seed in ("1", "2"):
        other = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        )
        assert other.stdout.strip() == fingerprint(inputs)


def test_a_content_is_known_by_its_sha256() -> None:
    assert content(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_its_tag_is_one_that_no_release_has() -> None:
    assert tag("0123") == "fp-0123"
