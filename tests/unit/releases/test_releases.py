"""A release is read from a file kept by hand, and a mistake in it is a sentence with a way out."""

from pathlib import Path

import pytest

from kollage.errors import CatalogueError
from kollage.releases import load_release, path_of, release_names

GOOD = """
name = "2026.2"
codename = "Hibiscus"
epoch = "2026-11-01"
[lock]
[caps]
[projects]
keystone = "30.0.0"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2026.2.toml").write_text(GOOD)
    (tmp_path / "2026.2.lock").write_text("keystone==30.0.0\n")
    return tmp_path


def complaint(folder: Path, old: str, new: str) -> CatalogueError:
    (folder / "2026.2.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(CatalogueError) as caught:
        load_release("2026.2", folder)
    return caught.value


def test_a_release_is_its_name_its_epoch_its_projects_and_its_lock(folder: Path) -> None:
    release = load_release("2026.2", folder)

    assert (release.name, release.codename) == ("2026.2", "Hibiscus")
    assert release.epoch == 1793491200  # 2026-11-01T00:00:00Z
    assert release.projects == {"keystone": "30.0.0"}
    assert release.constraints == folder / "2026.2.lock"


def test_the_epoch_does_not_move_with_the_machines_time_zone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")

    assert load_release("2026.2", folder).epoch == 1793491200


@pytest.mark.parametrize("name", ["2026.3", "master"])
def test_an_unknown_release_is_answered_with_all_that_are_known(folder: Path, name: str) -> None:
    with pytest.raises(CatalogueError, match=f"there is no release '{name}'") as caught:
        path_of(name, folder)

    assert caught.value.hint.startswith("one of 2026.2; Kolla's own templates of any other are built with --images-dir")


def test_a_release_without_a_lock_says_how_to_make_it(folder: Path) -> None:
    (folder / "2026.2.lock").unlink()

    with pytest.raises(CatalogueError, match=r"2026\.2\.lock is missing") as caught:
        load_release("2026.2", folder)

    assert caught.value.hint == "make it: kollage lock"


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('name = "2026.2"', 'name = "2026.1"', "name is '2026.1'", "call it '2026.2', as the file is called"),
        ('codename = "Hibiscus"', "", "codename is missing", 'add codename = "…"'),
        ('codename = "Hibiscus"', 'codenam = "Hibiscus"', "codename is missing", "rename 'codenam' to 'codename'"),
        ('"2026-11-01"', '"November"', "epoch is 'November'", 'write a date, such as "2026-11-01"'),
        ("30.0.0", "latest", "projects.keystone is 'latest'", 'give one version, such as "30.0.0"'),
        ("30.0.0", ">=30", "projects.keystone is '>=30'", 'give one version, such as "30.0.0"'),
        ('keystone = "30.0.0"', "", "projects is empty", 'give each its version: keystone = "30.0.0"'),
        ('"30.0.0"', "30", "projects must hold texts only", "put each value in quotes"),
        ("[caps]", "[cap]", "cap is not a key that is known here", "did you mean 'caps'?"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_way_out(
    folder: Path, old: str, new: str, message: str, hint: str
) -> None:
    error = complaint(folder, old, new)

    assert error.message == f"{folder / '2026.2.toml'}: {message}"
    assert error.hint == hint


def test_releases_are_listed_oldest_first(folder: Path) -> None:
    (folder / "2025.2.toml").write_text("")

    assert release_names(folder) == ("2025.2", "2026.2")
