"""The configuration files that the peer writes are ones that we read."""

import subprocess
from pathlib import Path

import pytest

from kollage.options import load_options


@pytest.fixture(scope="module")
def sample(peer: Path) -> str:
    """Every option of the peer's, as its own generator writes them down."""
    command = [str(peer / "bin" / "oslo-config-generator"), "--namespace", "kolla"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def load(folder: Path, text: str) -> None:
    (folder / "kolla-build.conf").write_text(text, encoding="utf-8")
    load_options("kolla-build", [f"--config-file={folder / 'kolla-build.conf'}"], {"HOME": str(folder)}, etc=folder)


def test_the_sample_is_read_as_it_is(sample: str, tmp_path: Path) -> None:
    load(tmp_path, sample)


def test_every_line_of_it_may_be_in_force(sample: str, tmp_path: Path) -> None:
    """But those that have no value, and the two that are of the command line alone."""
    lines = [
        line.removeprefix("#") if " = " in line and line[:1] == "#" != line[1:2] else line
        for line in sample.split("\n")
    ]
    said = [line for line in lines if line.startswith(("[", "#")) or " = " in line]
    in_force = [line for line in said if "= <None>" not in line and not line.startswith(("regex =", "profile =", "# "))]
    assert sum(line.startswith("[") for line in in_force) > 160
    load(tmp_path, "\n".join(line for line in in_force if not line.startswith("#")))
