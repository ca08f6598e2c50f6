"""A kept value comes back whole or not at all, from a folder that nobody else can write to."""

import os
from pathlib import Path

import pytest

from kollage.kept import Kept, key_of, private, program, stamp


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(folder=tmp_path / "a" / "b", most=3)


def test_a_value_is_found_by_its_key(kept: Kept) -> None:
    kept.write("one", b"1")
    kept.write("two", b"")
    assert [kept.read(key) for key in ("one", "two", "three")] == [b"1", b"", None]


def test_only_this_user_can_read_and_write_what_is_kept(kept: Kept) -> None:
    kept.write("one", b"1")
    assert (kept.folder.stat().st_mode & 0o777, (kept.folder / "one").stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize("content", [b"", b"1", b"x" * 32, b"x" * 100])
def test_a_spoiled_file_is_as_good_as_none(content: bytes, kept: Kept) -> None:
    kept.write("one", b"1")
    (kept.folder / "one").write_bytes(content)
    assert kept.read("one") is None


def test_a_file_that_was_cut_short_is_as_good_as_none(kept: Kept) -> None:
    kept.write("one", b"a long value")
    file = kept.folder / "one"
    file.write_bytes(file.read_bytes()[:-1])
    assert kept.read("one") is None


def test_the_oldest_are_forgotten(kept: Kept) -> None:
    for number in range(5):
        kept.write(str(number), b"value")
        os.utime(kept.folder / str(number), ns=(number, number))
    assert sorted(path.name for path in kept.folder.iterdir()) == ["2", "3", "4"]


def test_nothing_half_written_stays(kept: Kept) -> None:
    kept.write("one", b"1")
    assert [path.name for path in kept.folder.iterdir()] == ["one"]


def test_a_folder_that_others_write_to_is_not_trusted(kept: Kept) -> None:
    kept.write("one", b"1")
    kept.folder.chmod(0o777)
    assert kept.read("one") is None
    kept.write("two", b"2")
    assert not (kept.folder / "two").exists()


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(folder=tmp_path / "file" / "below", most=1)
    kept.write("one", b"1")
    assert (private(kept.folder), kept.read("one")) == (None, None)


def test_a_folder_below_wherever_one_is_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Kept(folder=Path("~/.cache"), most=1).write("one", b"1")
    assert list(tmp_path.iterdir()) == []


def test_the_key_tells_where_one_part_ends() -> None:
    assert key_of([b"ab", b"c"]) != key_of([b"a", b"bc"])
    assert key_of([b"ab", b"c"]) == key_of(iter([b"ab", b"c"]))


def test_a_stamp_tells_a_file_from_its_earlier_states(tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert stamp(file) == b""
    file.write_text("1")
    before, times = stamp(file), (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    assert stamp(file) == before
    other = tmp_path / "other"
    other.write_text("2")
    os.utime(other, ns=times)
    other.replace(file)  # of the same size and time: what a copy that keeps times leaves
    assert stamp(file) != before


def test_the_program_is_its_own_modules_and_those_of_the_packages_that_are_named() -> None:
    own, more = set(program()), set(program("templates"))
    assert own < more
    assert any(b"kept.py" in each for each in own)
    assert any(b"frame.py" in each for each in more - own)
