"""The program answers with an exit code, says what went wrong in words, and leaves no other trace."""

import signal
import sys
from collections.abc import Iterator

import pytest

from kollage import errors
from kollage.__main__ import main
from kollage.errors import ExitCode, KollageError


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """`main` takes signals over for the process; give them back."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number in numbers:
        signal.signal(number, before[number])


def said(argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["kollage", *argv])
    code = main()
    out, err = capsys.readouterr()
    return code, out, err


def test_help_is_printed_and_is_a_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said([], monkeypatch, capsys)
    assert (code, out[:14], out[-1], err) == (0, "usage: kollage", "\n", "")


def test_a_mistake_is_a_sentence_and_the_way_out_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = "error: there is no verb 'biuld'\nhint: did you mean 'build'?\n"
    assert said(["biuld"], monkeypatch, capsys) == (2, "", expected)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.KollageError, 1),
        (errors.SourceError, 1),
        (errors.BuildError, 1),
        (errors.UsageError, 2),
        (errors.CatalogueError, 2),
        (errors.RenderError, 2),
        (errors.EngineError, 3),
        (errors.Interrupted, 130),
    ],
)
def test_every_kind_of_error_has_the_exit_code_that_is_documented(kind: type[KollageError], code: int) -> None:
    assert kind("no").exit_code == ExitCode(code)
