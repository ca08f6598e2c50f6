"""Builds get uv's program in a folder of its own, the same one each time."""

from importlib.metadata import version
from pathlib import Path

from uv import find_uv_bin

from kollage import process
from kollage.tools import uv_folder


def test_the_folder_holds_the_program_and_nothing_else(tmp_path: Path) -> None:
    folder = uv_folder(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["uv"]
    assert (folder / "uv").read_bytes() == Path(find_uv_bin()).read_bytes()


def test_the_program_can_be_run(tmp_path: Path) -> None:
    assert process.run([str(uv_folder(tmp_path) / "uv"), "--version"]).split()[1] == version("uv")


def test_each_version_has_a_folder_below_the_cache(tmp_path: Path) -> None:
    assert uv_folder(tmp_path) == tmp_path / "tools" / f"uv-{version('uv')}"


def test_it_is_made_once(tmp_path: Path) -> None:
    program = uv_folder(tmp_path) / "uv"
    program.write_text("as it was")
    assert uv_folder(tmp_path) == program.parent
    assert program.read_text() == "as it was"


def test_a_copy_that_was_cut_short_is_not_taken_for_the_program(tmp_path: Path) -> None:
    folder = tmp_path / "tools" / f"uv-{version('uv')}"
    folder.mkdir(parents=True)
    (folder / "uv.1").write_text("half of i")
    assert (uv_folder(tmp_path) / "uv").read_bytes() == Path(find_uv_bin()).read_bytes()
