"""A stage for the scripts of the base image: a root of their own, and commands of ours first on PATH."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

BASE = Path(__file__).parents[3] / "src" / "kollage" / "images" / "base"
BASH = shutil.which("bash") or "/bin/bash"
ABSOLUTE = re.compile(r"(?<![\w./}])/(?=(?:run_command|patches|dev-mode|etc|usr|var)\b)")
LOGGED = 'printf "%s\\n" "${0##*/}${*:+ $*}" >> "$CALLS"'


@dataclass(frozen=True)
class Stage:
    """`root` is what the scripts see as /; `calls` tells which fake commands ran, with their arguments."""

    top: Path

    @property
    def root(self) -> Path:
        return self.top / "root"

    @property
    def calls(self) -> list[str]:
        log = self.top / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def file(self, path: str, content: str = "") -> Path:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        return place

    def fake(self, name: str, body: str = "") -> None:
        self.program(name, f"#!{BASH}\n{LOGGED}\n{body}\n")

    def program(self, name: str, text: str) -> Path:
        place = self.top / "bin" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        place.chmod(0o755)
        return place

    def script(self, name: str) -> Path:
        """A copy whose absolute paths lie below `root`."""
        first, rest = (BASE / name).read_text().split("\n", 1)
        moved = ABSOLUTE.sub(f"{self.root}/", rest).replace("=/ ", f"={self.root}/ ")
        return self.program(name, f"{first}\n{moved}")

    def run(self, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.script(name), *arguments],
            env={"PATH": f"{self.top}/bin:{os.environ['PATH']}", "CALLS": f"{self.top}/calls"} | environment,
            cwd=self.top,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    (tmp_path / "root").mkdir()
    return Stage(tmp_path)
