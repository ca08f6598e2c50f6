"""All checks that start no service, at once: the image's programs run beside the reading."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.verify.prover.environments import distribution, venv
from tests.unit.verify.roots import File, Made, link, subject

from kollage.verify import contract, hygiene, prover, static_findings

COMMAND = "[console_scripts]\na = a:main\n"


def test_every_check_is_made_once_and_says_how_long_it_took(tmp_path: Path) -> None:
    lines: list[str] = []
    found = static_findings(subject(tmp_path, {}), lines.append)
    assert {"contract.sudo", "contract.helpers"} <= {each.check for each in found}
    names = [line.partition(":")[0] for line in lines]
    assert len(names) == len(set(names))
    checks = (*contract.CHECKS, *contract.ASKING, *prover.CHECKS, *prover.ASKING, *hygiene.CHECKS)
    assert sorted(names) == sorted(f"{check.__module__}.{check.__name__}" for check in checks)


def test_the_images_programs_run_at_once_and_while_its_files_are_looked_at(tmp_path: Path) -> None:
    all_run = threading.Barrier(3, timeout=60)  # passed by those who are there at the same time

    def run(command: Sequence[str], _text: str) -> str:
        all_run.wait()
        return "{}"

    def on_line(line: str) -> None:
        if line.startswith("kollage.verify.hygiene._size"):
            all_run.wait()

    files = {"/etc/sudoers": "@includedir /etc/sudoers.d", **venv(), **distribution("a", entry_points=COMMAND)}
    static_findings(subject(tmp_path, files, run=run), on_line)
    assert not all_run.broken


def test_what_a_program_of_the_image_fails_with_is_not_lost(tmp_path: Path) -> None:
    def run(command: Sequence[str], _text: str) -> str:
        raise KeyError(command[0])

    made = subject(tmp_path, {"/etc/sudoers": "@includedir /etc/sudoers.d"}, run=run)
    with pytest.raises(KeyError, match="visudo"):
        static_findings(made, lambda _line: None)


def test_a_root_file_system_is_read_whole_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/tool").write_text("1234")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "loop").symlink_to("/")
    read = replace(subject(tmp_path, {}), base="debian").entries
    assert list(read) == ["/bin", "/loop", "/usr", "/usr/bin", "/usr/bin/tool"]
    assert (read["/bin"].target, read["/loop"].target, read["/usr/bin/tool"].size) == ("usr/bin", "/", 4)
    assert read["/usr"].is_folder
    assert read["/usr/bin/tool"].is_file


def test_what_lies_behind_links_is_one_file_however_it_is_called(tmp_path: Path) -> None:
    files: dict[str, Made] = {
        "/usr/lib/a": File("x"),
        "/lib": link("usr/lib"),
        "/usr/lib/b": link("/lib/a"),
        "/c": link("c"),
    }
    made = subject(tmp_path, files)
    assert {made.resolved(path) for path in ("/usr/lib/a", "/lib/a", "/lib/../lib//b", "/usr/lib/./a")} == {
        "/usr/lib/a"
    }
    assert [made.resolved(path) for path in ("/c", "/usr/lib/c", "", "/", "/lib")] == ["", "", "/", "/", "/usr/lib"]


def test_no_more_than_the_beginning_of_a_file_is_read(tmp_path: Path) -> None:
    made = subject(tmp_path, {"/a": "12345"})
    assert [made.beginning("/a", size) for size in (0, 3, 9)] == [b"", b"123", b"12345"]
    with pytest.raises(FileNotFoundError):
        made.beginning("/b", 1)


def test_environments_are_read_once_and_those_of_another_image_are_others(tmp_path: Path) -> None:
    one = subject(tmp_path / "one", {**venv(), **distribution("a")})
    other = subject(tmp_path / "other", {**venv(), **distribution("b")})
    assert prover.environments(one) is prover.environments(one)
    names = [
        [each.name for environment in prover.environments(made) for each in environment.own] for made in (one, other)
    ]
    assert names == [["a"], ["b"]]
