"""The store gives back what was put in, or nothing."""

import errno
import multiprocessing
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kollage.errors import SourceError
from kollage.sources.store import Entry, Store, digest, store_errors


def keep(store: Store, key: str, content: bytes, origin: str = "") -> Entry:
    with store.scratch() as scratch:
        (scratch / "file").write_bytes(content)
        return store.keep(key, scratch / "file", origin=origin)


def use(store: Store) -> None:
    with store_errors(store.root), store.scratch():
        pass


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "sources")
    kept = keep(store, "url:a", b"content", origin="abc")
    assert store.find("url:a") == store.recorded("url:a") == kept
    assert kept.path.read_bytes() == b"content"
    assert kept.path.name == kept.sha256 == digest(kept.path)
    assert kept.origin == "abc"


def test_an_empty_store_has_nothing_and_makes_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path / "sources").find("url:a") is None
    assert not (tmp_path / "sources").exists()


def test_equal_content_is_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert keep(store, "one", b"same").path == keep(store, "two", b"same").path
    assert len([*(tmp_path / "files").iterdir()]) == 1


def test_a_damaged_entry_is_thrown_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = keep(store, "key", b"content")
    kept.path.write_bytes(b"contend")
    assert store.find("key") is None
    assert not kept.path.exists()
    assert store.recorded("key") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"sha256": 1, "origin": ""}', '{"sha256": "../x", "origin": ""}', "\udcff"]
)
def test_a_damaged_note_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    keep(store, "key", b"content")
    (note,) = (tmp_path / "keys").iterdir()
    note.write_bytes(text.encode(errors="surrogateescape"))
    assert store.find("key") is None


def test_a_forgotten_entry_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, "key", b"content")
    store.forget("key")
    store.forget("key")
    assert store.find("key") is None


def test_nothing_is_left_of_a_failed_attempt(tmp_path: Path) -> None:
    with suppress(RuntimeError), Store(tmp_path).scratch() as scratch:
        (scratch / "half").write_text("half")
        raise RuntimeError
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old", 2 * 24 * 3600), ("new", 60)):
        left = tmp_path / f".scratch-{name}"
        left.mkdir()
        os.utime(left, (time.time() - age,) * 2)
    with Store(tmp_path).scratch():
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".scratch-new"]


def test_a_store_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "sources")
    with pytest.raises(SourceError, match=r"the store of sources in .* cannot be used") as error:
        use(store)
    assert "cache_dir" in error.value.hint


def _hold(root: Path, log: Path) -> None:
    with Store(root).lock("key"):
        for word in ("in", "out"):
            with log.open("a", encoding="utf-8") as file:  # one write at the end of the file: in the order of time
                file.write(f"{word} ")
            time.sleep(0.05)


def test_one_at_a_time_holds_a_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    workers = [context.Process(target=_hold, args=(tmp_path / "store", log)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        worker.close()
    seen = log.read_text(encoding="utf-8").split()
    assert seen == ["in", "out"] * 3


def test_what_several_keys_point_to_is_used_while_one_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, "old", b"same")
    keep(store, "new", b"same")
    for path in tmp_path.glob("[fk]*/*"):
        os.utime(path, (0, 0))
    assert store.recorded("new")
    unused = store.unused(1)
    assert (len(unused.notes), unused.contents, unused.size) == (1, (), 0)
    store.remove(unused)
    assert store.recorded("old") is None
    assert store.recorded("new")


def test_a_store_that_is_read_only_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    kept = keep(store, "key", b"content")

    def refused(_path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refused)
    assert store.find("key") == kept
