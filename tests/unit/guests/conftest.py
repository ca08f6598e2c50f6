"""An emulator on PATH that emulates nothing."""

import os
import sys
from pathlib import Path

import pytest

from kollage.guests import Guest


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guest:
    """A guest to boot, with what takes an emulator's place."""
    program = tmp_path / "bin/qemu-system-x86_64"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("fake_qemu.py")} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    (tmp_path / "ramdisk").write_bytes(b"first ")
    return Guest(kernel=tmp_path / "kernel", ramdisk=tmp_path / "ramdisk", command_line="quiet", version="6.12")
