"""Secrets are made once, kept, and renewed on request."""

from pathlib import Path

import pytest

from kollage.deploy import secret
from kollage.deploy.secret import Secrets
from kollage.errors import UsageError


def test_each_name_has_one_and_what_is_known_stays() -> None:
    made = secret.complete(Secrets(now={"a": "old"}), ["a", "b"])
    assert made.now["a"] == "old"
    assert len(made.now["b"]) == 40
    assert secret.complete(made, ["a", "b"]) == made


def test_no_two_are_alike() -> None:
    made = secret.complete(None, [str(number) for number in range(50)])
    assert len(set(made.now.values())) == 50


def test_a_renewal_changes_all_but_what_has_to_stay_and_keeps_those_before() -> None:
    first = Secrets(now={"a": "1", "b": "2"})
    after = secret.renewed(first, kept=["b"])
    assert after.now["a"] != "1"
    assert after.now["b"] == "2"
    assert after.before == {"a": "1", "b": "2"}


def test_they_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = secret.complete(None, ["a", "b"])
    (tmp_path / secret.FILE).write_text(secret.text(made), encoding="utf-8")
    assert secret.known(tmp_path) == made
    assert secret.known(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("text", ["now: {a", "[]", "now: {a: 1}", "now: 1"])
def test_a_file_that_is_spoilt_is_named_and_never_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / secret.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=str(tmp_path / secret.FILE)):
        secret.known(tmp_path)


def test_they_are_not_in_what_a_value_shows_of_itself() -> None:
    assert "hush" not in repr(Secrets(now={"a": "hush"}, before={"a": "hush"}))
