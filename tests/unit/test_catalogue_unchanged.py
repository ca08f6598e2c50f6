"""A catalogue is read anew exactly where a file of it has changed, and is the same either way."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage import catalogue
from kollage.catalogue import IMAGES, Catalogue, as_before, load_catalogue, reading
from kollage.catalogue.tree import Folder
from kollage.errors import CatalogueError
from kollage.options import Options

A = 'description = "an image"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "image.toml").write_text(A)
    return folder


def load(cache: Path, root: Path = IMAGES, overlays: tuple[Path, ...] = (), **said: str) -> Catalogue:
    options = Options(cache_dir=cache, images_dir=root, docker_dir=overlays, **said)  # type: ignore[arg-type]
    return as_before(options, lambda: load_catalogue(root, overlays))


@pytest.fixture
def read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Loads the catalogue and says whether it was read anew."""
    calls: list[str] = []
    real = reading.image_of

    def noting(folder: Folder) -> object:
        calls.append(folder.name)
        return real(folder)

    monkeypatch.setattr(catalogue, "image_of", noting)

    def load_noted(*overlays: Path, **said: str) -> bool:
        calls.clear()
        found = load(tmp_path / "cache", root, overlays, **said)
        anew = bool(calls)
        assert found == load_catalogue(root, overlays)
        return anew

    return load_noted


def test_our_own_is_the_same_when_it_comes_back(tmp_path: Path) -> None:
    whole = load_catalogue()
    assert [load(tmp_path) for _ in range(2)] == [whole, whole]


def test_images_share_what_they_say_alike(tmp_path: Path) -> None:
    for found in (load(tmp_path), load(tmp_path)):
        plain = [image.hooks for image in found.images.values() if not image.hooks.packages and not image.hooks.python]
        assert len(plain) > 100
        assert all(each is plain[0] for each in plain)


def test_what_comes_back_cannot_be_written_to_either(root: Path, tmp_path: Path) -> None:
    load(tmp_path / "cache", root)
    found = load(tmp_path / "cache", root)
    with pytest.raises(TypeError):
        found.images["b"] = found.images["a"]  # type: ignore[index]


def test_nothing_is_read_twice(read: Callable[..., bool]) -> None:
    assert [read(), read()] == [True, False]


@pytest.mark.parametrize("place", ["common", "kolla/common"])
def test_the_sources_beside_a_tree_are_a_part_of_it(read: Callable[..., bool], root: Path, place: str) -> None:
    read()
    (root.parent / place).mkdir(parents=True)
    beside = root.parent / place / "sources.yaml"
    beside.write_text("{}\n")
    assert [read(), read()] == [True, False]
    beside.write_text("# another\n{}\n")
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


def test_what_was_said_is_seen(read: Callable[..., bool]) -> None:
    assert [read(), read(release="zed"), read(base="rocky"), read(), read(release="zed")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_mistake_is_told_each_time(root: Path, tmp_path: Path) -> None:
    (root / "a" / "image.toml").write_text("descripton = 1")
    for _ in range(2):
        with pytest.raises(CatalogueError):
            load(tmp_path / "cache", root)


def test_what_other_catalogues_share_is_ours(root: Path, tmp_path: Path) -> None:
    found = load(tmp_path / "cache", root)
    assert found.accounts == load_catalogue(IMAGES).accounts
