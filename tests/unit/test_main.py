"""The program answers with an exit code, says what went wrong in words, and leaves no other trace."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kollage import __version__, errors
from kollage.__main__ import kolla_build, main
from kollage.errors import ExitCode, KollageError


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """`main` takes signals over for the process; give them back."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number in numbers:
        signal.signal(number, before[number])


def said(
    argv: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: Callable[[], int] = main,
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["the-program", *argv])
    code = program()
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


def test_kolla_build_is_a_command_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(["-h"], monkeypatch, capsys, kolla_build)
    assert (code, out.splitlines()[0], err) == (0, "usage: kolla-build [flags] [REGEX ...]", "")
    assert said(["--version"], monkeypatch, capsys, kolla_build) == (0, f"kolla-build {__version__}\n", "")


def test_a_mistake_of_kolla_build_speaks_of_kolla_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = "error: --network-mode needs a value\nhint: usage: kolla-build [flags] [REGEX ...]\n"
    assert said(["--network_mode"], monkeypatch, capsys, kolla_build) == (2, "", expected)


def test_a_command_line_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kollage {__version__}\n"


@pytest.mark.parametrize(
    ("name", "expected"), [("kollage", f"kollage {__version__}\n"), ("kolla-build", f"kolla-build {__version__}\n")]
)
def test_the_commands_are_installed(name: str, expected: str) -> None:
    program = str(Path(sys.executable).with_name(name))
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


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


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOTDIR, errno.EROFS])
def test_what_the_machine_refuses_is_a_sentence(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number), "/a/folder")

    monkeypatch.setattr("kollage.cli.run", refused)
    expected = f"error: /a/folder cannot be used: {os.strerror(number)}\nhint: see who owns it, "
    code, out, err = said(["list"], monkeypatch, capsys)
    assert (code, out, err[: len(expected)]) == (2, "", expected)


@pytest.mark.parametrize("error", [OSError("a bug"), FileNotFoundError(errno.ENOENT, "gone", "/a/file")])
def test_an_error_that_is_a_bug_keeps_its_traceback(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise error

    monkeypatch.setattr("kollage.cli.run", broken)
    with pytest.raises(OSError, match=r"a bug|gone"):
        main(["list"])
