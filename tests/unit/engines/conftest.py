"""Engines as small scripts that are first on PATH: they note how they are called and answer what a test says."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

NOTE = 'for argument in "$0" "$@"; do printf "%s\\0" "${argument##*/fake-engines/}"; done >> "$CALLS"; echo >> "$CALLS"'


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a program with a shell script's body in front; no other program of the engines' can be reached."""
    folder = tmp_path / "fake-engines"
    folder.mkdir()
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def write(name: str, body: str) -> None:
        program = folder / name
        program.write_text(f"#!/bin/sh\n{NOTE}\n{body}\n")
        program.chmod(0o755)

    for name in ("buildah", "podman", "docker"):
        write(name, "echo 'no test has said what to answer' >&2; exit 99")
    return write


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], list[list[str]]]:
    """Gives the command lines so far."""

    def read() -> list[list[str]]:
        noted = tmp_path / "calls"
        return [line.split("\0")[:-1] for line in noted.read_text().splitlines()] if noted.exists() else []

    return read
