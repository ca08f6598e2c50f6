"""Whatever is wrong with the file that remembers runs costs the memory, in one sentence, and never a run."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage import history
from kollage.history import Before, RunStep

BUILT = RunStep(step="build:app", image="app", action="build", status="built", seconds=41, size=7)


def used(folder: Path, *, create: bool = True) -> tuple[int, list[str]]:
    """The number of runs after one more, and what was told."""
    told: list[str] = []
    with history.opened(folder, create=create, tell=told.append) as known:
        run = known.begin("kollage build")
        known.step(run, "debian-x86_64", BUILT)
        known.end(run, exit_code=0, seconds=42)
        return len(known.runs()), told


def test_what_was_noted_is_there_the_next_time(tmp_path: Path) -> None:
    assert [used(tmp_path), used(tmp_path)] == [(1, []), (2, [])]
    assert (tmp_path / "history.db").stat().st_mode & 0o777 == 0o600


def test_a_store_that_is_not_there_is_empty_for_who_only_looks(tmp_path: Path) -> None:
    with history.opened(tmp_path) as known:
        assert (known.runs(), known.before("debian-x86_64"), known.inputs("a", "b")) == ((), {}, None)
    assert list(tmp_path.iterdir()) == []


def garbage(file: Path) -> None:
    file.write_text("this is no database, and long enough to be seen as none " * 100, encoding="utf-8")


def cut(file: Path) -> None:
    used(file.parent)
    file.write_bytes(file.read_bytes()[:5000])


def torn(file: Path) -> None:
    used(file.parent)
    whole = bytearray(file.read_bytes())
    whole[100:4096] = b"\xff" * 3996  # the page of the schema
    file.write_bytes(whole)


def of_others(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE runs (something)")
    db.close()


def newer(file: Path) -> None:
    used(file.parent)
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 2")
    db.close()


@pytest.mark.parametrize("harm", [garbage, cut, torn, of_others, newer])
def test_a_store_that_cannot_be_read_is_set_aside_and_begun_anew(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    file = tmp_path / "history.db"
    harm(file)
    damaged = file.read_bytes()
    runs, (sentence,) = used(tmp_path)
    assert runs == 1
    assert sentence.startswith("what was remembered of earlier runs cannot be read (")
    assert sentence.endswith(f"): it is in {file}.aside now, and begun anew")
    assert (tmp_path / "history.db.aside").read_bytes() == damaged
    assert used(tmp_path) == (2, [])


def test_the_sentence_names_the_version_that_is_newer(tmp_path: Path) -> None:
    newer(tmp_path / "history.db")
    assert "(it is of version 2, and this program knows 1)" in used(tmp_path)[1][0]


def test_what_was_set_aside_before_is_kept(tmp_path: Path) -> None:
    for _ in range(3):
        garbage(tmp_path / "history.db")
        used(tmp_path)
    names = {path.name for path in tmp_path.glob("*.aside*")}
    assert names == {"history.db.aside", "history.db.aside1", "history.db.aside2"}


def test_an_empty_file_is_a_store_that_nobody_wrote_to_yet(tmp_path: Path) -> None:
    (tmp_path / "history.db").touch()
    assert used(tmp_path) == (1, [])


def test_a_store_that_is_damaged_while_it_is_used_is_set_aside(tmp_path: Path) -> None:
    told: list[str] = []
    with history.opened(tmp_path, create=True, tell=told.append) as known:
        run = known.begin("kollage build")
        other = sqlite3.connect(tmp_path / "history.db")
        other.execute("DROP TABLE steps")
        other.close()
        known.step(run, "debian-x86_64", BUILT)
        assert known.before("debian-x86_64") == {"build:app": Before(seconds=(41,), size=7)}  # in memory
    assert len(told) == 1
    assert used(tmp_path) == (1, [])


@pytest.mark.parametrize("place", ["/proc/self", "/proc/self/none/there"])
def test_a_folder_that_cannot_be_written_to_costs_the_memory_alone(place: str) -> None:
    runs, told = used(Path(place))
    assert runs == 1
    assert len(told) == 1
    assert told[0].startswith(f"runs are not remembered: {place}/history.db cannot be used (")


def test_something_else_in_its_place_costs_the_memory_alone(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    sentence = f"runs are not remembered: {tmp_path}/history.db cannot be used (Is a directory)"
    assert used(tmp_path) == (1, [sentence])


def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from kollage import history
from kollage.history import RunStep
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, {resource.RLIM_INFINITY}))
with history.opened(Path({str(tmp_path)!r}), create=True) as known:
    run = known.begin("kollage build")
    for number in range(200):
        known.step(run, "any", RunStep(step=str(number), image="a", action="build", status="built", reason="x" * 5000))
    print(len(known.steps(run)))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert 100 < int(ended.stdout) < 200  # those since then, in memory
    assert ended.stderr.count("warning: runs are not remembered: ") == ended.stderr.count("\n") == 1


WRITER = """
import sys
from pathlib import Path
from kollage import history
from kollage.history import RunStep
for turn in range(20):
    with history.opened(Path(sys.argv[1]), create=True) as known:
        run = known.begin(sys.argv[2])
        for number in range(10):
            step = RunStep(step=f"build:{number}", image=str(number), action="build", status="built", seconds=number)
            known.step(run, "any", step)
            known.remember(str(number), f"{sys.argv[2]}{turn}", "reference", {"recipe": "x" * 1000})
        known.end(run, exit_code=0, seconds=1)
"""


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in ("a", "b")]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0), (b"", 0)]
    with history.opened(tmp_path) as known:
        runs = known.runs()
        assert sorted(run.command for run in runs) == ["a"] * 20 + ["b"] * 20
        assert {run.counts["built"] for run in runs} == {10}


def test_two_processes_that_find_it_damaged_set_it_aside_once(tmp_path: Path) -> None:
    garbage(tmp_path / "history.db")
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in ("a", "b")]
    told = b"".join(writer.communicate()[1] for writer in writers)
    assert told.count(b"begun anew") == told.count(b"\n") == 1
    with history.opened(tmp_path) as known:
        assert len(known.runs()) == 40
