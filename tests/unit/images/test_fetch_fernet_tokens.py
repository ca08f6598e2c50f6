"""The program that says whether a node has to fetch the fernet keys of another one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[3] / "src/kollage/images/keystone/keystone-fernet/fetch_fernet_tokens.py"


def ask(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    copied = tmp_path / "fetch_fernet_tokens.py"
    copied.write_text(PROGRAM.read_text().replace("/etc/keystone/fernet-keys", str(tmp_path / "keys")))
    command = [sys.executable, str(copied), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def write_keys(tmp_path: Path, count: int, *, age: int = 0) -> None:
    (tmp_path / "keys").mkdir()
    for number in range(count):
        key = tmp_path / "keys" / str(number)
        key.touch()
        os.utime(key, (time.time() - age, time.time() - age))


@pytest.mark.parametrize(("count", "populated"), [(1, False), (2, True), (3, True)])
def test_a_repository_is_populated_from_the_wanted_number_of_keys_on(
    tmp_path: Path, count: int, *, populated: bool
) -> None:
    write_keys(tmp_path, count)
    answer = json.loads(ask(tmp_path, "-t", "60", "-n", "2").stdout)
    assert answer == {"populated": populated, "update_required": False, "failed": False, "changed": False}


@pytest.mark.parametrize(("age", "required"), [(10, False), (100, True)])
def test_a_key_older_than_the_given_time_requires_an_update(tmp_path: Path, age: int, *, required: bool) -> None:
    write_keys(tmp_path, 2, age=age)
    answer = json.loads(ask(tmp_path, "--time", "60", "--number", "2").stdout)
    assert answer["update_required"] is required


def test_the_key_to_look_at_can_be_named_and_an_absent_one_requires_an_update(tmp_path: Path) -> None:
    write_keys(tmp_path, 2)
    assert json.loads(ask(tmp_path, "-t", "60", "-n", "2", "-f", "1").stdout)["update_required"] is False
    assert json.loads(ask(tmp_path, "-t", "60", "-n", "2", "-f", "7").stdout)["update_required"] is True


def test_a_missing_repository_is_empty_not_an_error(tmp_path: Path) -> None:
    result = ask(tmp_path, "-t", "60", "-n", "1")
    assert result.returncode == 0
    assert json.loads(result.stdout) == {
        "populated": False,
        "update_required": True,
        "failed": False,
        "changed": False,
    }


@pytest.mark.parametrize("arguments", [[], ["-t", "60"], ["-t", "soon", "-n", "1"]])
def test_unusable_arguments_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert ask(tmp_path, *arguments).returncode == 2
