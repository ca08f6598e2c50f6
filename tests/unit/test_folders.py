"""All files below a folder are found, and one that may not be looked into is not passed over."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kollage.folders import names_below


def test_every_file_is_there_in_order_but_for_what_python_leaves(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a", "b/__pycache__/x.pyc", "c/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(names_below(tmp_path)) == ["a", "b/1", "b/2", "c/d/e"]


def test_a_link_to_a_folder_is_followed_unless_it_leads_back(tmp_path: Path) -> None:
    (tmp_path / "top" / "in").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    (tmp_path / "top" / "in" / "there").symlink_to(tmp_path / "other")
    (tmp_path / "top" / "in" / "back").symlink_to(tmp_path / "top")
    assert list(names_below(tmp_path / "top")) == ["in/there/file"]


def test_one_that_is_not_there_has_nothing_below_it(tmp_path: Path) -> None:
    assert list(names_below(tmp_path / "none")) == []


def test_one_that_may_not_be_looked_into_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    real = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)  # root is refused nothing
    with pytest.raises(PermissionError):
        list(names_below(tmp_path))
