"""A catalogue is read anew exactly where a file of it has changed, and is the same either way."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage import catalogue
from kollage.catalogue import IMAGES, Catalogue, load_catalogue, reading
from kollage.catalogue.tree import Folder
from kollage.errors import CatalogueError

A = 'description = "an image"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "image.toml").write_text(A)
    return folder


@pytest.fixture
def read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Loads the catalogue and says whether it was read anew."""
    calls: list[str] = []
    real = reading.image_of

    def noting(folder: Folder) -> object:
        calls.append(folder.name)
        return real(folder)

    monkeypatch.setattr(catalogue, "image_of", noting)

    def load(*overlays: Path) -> bool:
        calls.clear()
        found = load_catalogue(root, overlays, cache=tmp_path / "cache")
        anew = bool(calls)
        assert found == load_catalogue(root, overlays)
        return anew

    return load


def test_our_own_is_the_same_when_it_comes_back(tmp_path: Path) -> None:
    whole = load_catalogue()
    assert [load_catalogue(cache=tmp_path) for _ in range(2)] == [whole, whole]


def test_what_comes_back_cannot_be_written_to_either(root: Path, tmp_path: Path) -> None:
    load_catalogue(root, cache=tmp_path / "cache")
    found: Catalogue = load_catalogue(root, cache=tmp_path / "cache")
    with pytest.raises(TypeError):
        found.images["b"] = found.images["a"]  # type: ignore[index]


def test_nothing_is_read_twice(read: Callable[..., bool]) -> None:
    assert [read(), read()] == [True, False]


def as_link(folder: Path) -> None:
    (folder / "image.toml").rename(folder.parent / "elsewhere")
    (folder / "image.toml").symlink_to(folder.parent / "elsewhere")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a fact": lambda folder: (folder / "image.toml").write_text(A.replace("an", "no")),
    "a new file": lambda folder: (folder / "extend_start.sh").write_text(""),
    "a new image": lambda folder: shutil.copytree(folder, folder.parent / "b"),
    "a name": lambda folder: folder.rename(folder.parent / "c"),
    "accounts": lambda folder: (folder.parent / "users.toml").write_text("nova.uid = 8"),
    "a link in place of a file": as_link,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, root: Path, read: Callable[..., bool]) -> None:
    read()
    CHANGES[what](root / "a")
    assert [read(), read()] == [True, False]


def test_a_file_of_the_same_size_and_time_is_seen(root: Path, read: Callable[..., bool]) -> None:
    read()
    file = root / "a" / "image.toml"
    before = file.stat()
    file.write_text(A.replace("an", "no"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read()


def test_what_is_laid_over_it_is_seen(tmp_path: Path, read: Callable[..., bool]) -> None:
    over = tmp_path / "over" / "a"
    over.mkdir(parents=True)
    (over / "more.sh").write_text("")
    assert [read(), read(over.parent), read(over.parent), read()] == [True, True, False, False]


def test_a_mistake_is_told_each_time(root: Path, tmp_path: Path) -> None:
    (root / "a" / "image.toml").write_text("descripton = 1")
    for _ in range(2):
        with pytest.raises(CatalogueError):
            load_catalogue(root, cache=tmp_path / "cache")


def test_what_other_catalogues_share_is_ours(root: Path, tmp_path: Path) -> None:
    found = load_catalogue(root, cache=tmp_path / "cache")
    assert found.accounts == load_catalogue(IMAGES).accounts
