"""kolla_patch: an image and its children, patched once each."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.images.conftest import Stage

pytestmark = pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")

LINES = "one\ntwo\nthree\nfour\nfive\n"


def change(old: str, new: str, *, path: str = "etc/file") -> str:
    """A patch that changes one line of LINES, with a line of context on either side."""
    lines = LINES.splitlines()
    at = lines.index(old)
    before, after = lines[at - 1], lines[at + 1]
    return f"--- {path}\n+++ {path}\n@@ -{at},3 +{at},3 @@\n {before}\n-{old}\n+{new}\n {after}\n"


def patches(stage: Stage, series: str, **texts: str) -> None:
    """What the Dockerfile of an image copies to /patches."""
    stage.file("/patches/series", series)
    for name, text in texts.items():
        stage.file(f"/patches/{name}", text)


def read(stage: Stage, path: str) -> str:
    return (stage.root / path).read_text()


def test_the_patches_of_a_series_are_applied_from_the_root_in_order(stage: Stage) -> None:
    stage.file("/etc/file", LINES)
    patches(stage, "first\nsecond\n", first=change("two", "2"), second=change("four", "4"))

    result = stage.run("kolla_patch")

    assert result.returncode == 0, result.stderr
    assert read(stage, "etc/file") == "one\n2\nthree\n4\nfive\n"
    assert read(stage, "etc/kolla/patched") == "first\nsecond\n"


def test_the_series_is_kept_as_applied_for_the_children(stage: Stage) -> None:
    stage.file("/etc/file", LINES)
    patches(stage, "# why\n\n  first  \n", first=change("two", "2"))

    stage.run("kolla_patch")

    assert read(stage, "patches/series.applied") == "first\n"
    assert not (stage.root / "patches/series").exists()


def test_a_child_applies_only_what_its_parents_have_not(stage: Stage) -> None:
    stage.file("/etc/file", LINES)
    patches(stage, "first", first=change("two", "2"))
    stage.run("kolla_patch")
    patches(stage, "first\nsecond", second=change("four", "4"))

    result = stage.run("kolla_patch")

    assert result.returncode == 0, result.stderr
    assert read(stage, "etc/file") == "one\n2\nthree\n4\nfive\n"
    assert read(stage, "etc/kolla/patched") == "first\nsecond\n"
    assert read(stage, "patches/series.applied").split() == ["first", "first", "second"]


def test_a_name_that_is_part_of_an_applied_one_is_another_patch(stage: Stage) -> None:
    stage.file("/etc/file", LINES)
    stage.file("/etc/kolla/patched", "long.name\n")
    patches(stage, "l.ng\nname\n", **{"l.ng": change("two", "2"), "name": change("four", "4")})

    stage.run("kolla_patch")

    assert read(stage, "etc/file") == "one\n2\nthree\n4\nfive\n"


def test_without_a_series_nothing_is_patched(stage: Stage) -> None:
    result = stage.run("kolla_patch")

    assert (result.returncode, result.stderr) == (0, "")
    assert not (stage.root / "etc/kolla").exists()


@pytest.mark.parametrize("series", ["", "\n", "# nothing yet\n"])
def test_an_empty_series_patches_nothing(stage: Stage, series: str) -> None:
    patches(stage, series)

    assert stage.run("kolla_patch").returncode == 0
    assert read(stage, "etc/kolla/patched") == ""


def test_a_patch_that_does_not_fit_fails_the_build_and_is_named(stage: Stage) -> None:
    stage.file("/etc/file", "something else\n")
    patches(stage, "first\nsecond\n", first=change("two", "2"), second=change("four", "4"))

    result = stage.run("kolla_patch")

    assert result.returncode == 1
    assert f"{stage.root}/patches/first" in result.stderr
    assert read(stage, "etc/kolla/patched") == ""


def test_no_context_may_differ(stage: Stage) -> None:
    stage.file("/etc/file", LINES.replace("three", "3"))
    patches(stage, "first", first=change("two", "2"))

    assert stage.run("kolla_patch").returncode == 1


def test_white_space_may_differ(stage: Stage) -> None:
    stage.file("/etc/file", LINES.replace("three", "three  "))
    patches(stage, "first", first=change("two", "2"))

    assert stage.run("kolla_patch").returncode == 0
    assert read(stage, "etc/file").splitlines()[1] == "2"


def test_a_patch_that_is_in_the_file_already_fails_and_is_not_reversed(stage: Stage) -> None:
    stage.file("/etc/file", LINES.replace("two", "2"))
    patches(stage, "first", first=change("two", "2"))

    assert stage.run("kolla_patch").returncode == 1
    assert read(stage, "etc/file") == LINES.replace("two", "2")


@pytest.mark.parametrize("series", ["absent", "first"])
def test_a_missing_patch_or_file_is_a_failure_and_no_question(stage: Stage, series: str) -> None:
    patches(stage, series, first=change("two", "2", path="etc/absent"))

    assert stage.run("kolla_patch").returncode == 1


def test_a_hunk_that_moved_leaves_no_copy_of_the_original(stage: Stage) -> None:
    stage.file("/etc/file", "zero\n" + LINES)
    patches(stage, "first", first=change("three", "3"))

    assert stage.run("kolla_patch").returncode == 0
    assert sorted(path.name for path in (stage.root / "etc").iterdir()) == ["file", "kolla"]
