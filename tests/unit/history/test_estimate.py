"""How long an image takes is what it took the last times here, and a guess from the catalogue before."""

from dataclasses import replace
from pathlib import Path

import pytest

from kollage.history import Before
from kollage.history.estimate import BASE, OTHER, estimate, expected, median
from kollage.image import Image, PerBase, Python, Source

PLAIN = Image(name="app", folder=Path("app"), description="", parent="base")
PACKAGES = PerBase(only={"deb": ("a", "b")})


@pytest.mark.parametrize(
    ("seconds", "middle"), [((5,), 5), ((1, 9), 9), ((100, 3, 2), 3), ((1, 2, 3, 4, 500), 3), ((500, 1, 2, 3, 4), 3)]
)
def test_the_middle_of_the_last_times_counts(seconds: tuple[float, ...], middle: float) -> None:
    assert median(seconds) == middle
    before = {"build:app": Before(seconds=seconds)}
    assert expected("build:app", before, PLAIN, "debian") == middle


def test_what_was_never_built_is_estimated() -> None:
    before = {"push:app": Before(seconds=(1,)), "build:other": Before(seconds=(1,))}
    assert expected("build:app", before, PLAIN, "debian") == estimate(PLAIN, "debian")
    assert expected("bootstrap:trixie", before, None, "debian") == BASE
    assert expected("verify:app", before, None, "debian") == OTHER


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (replace(PLAIN, packages=PACKAGES), PLAIN),
        (replace(PLAIN, packages=PerBase(everywhere=("a", "b", "c"))), replace(PLAIN, packages=PACKAGES)),
        (replace(PLAIN, python=Python(packages=("x",))), PLAIN),
        (replace(PLAIN, python=Python(packages=("x", "y"))), replace(PLAIN, python=Python(packages=("x",)))),
        (
            replace(PLAIN, python=Python(packages=("x",), wheels=("y",))),
            replace(PLAIN, python=Python(packages=("x",)), packages=PACKAGES),
        ),
        (replace(PLAIN, sources=(Source(name="s", type="url"),)), PLAIN),
        (replace(PLAIN, whole=True), PLAIN),
    ],
)
def test_the_more_goes_into_an_image_the_longer_it_takes(more: Image, less: Image) -> None:
    assert estimate(more, "debian") > estimate(less, "debian")


def test_packages_of_another_family_do_not_count() -> None:
    assert estimate(replace(PLAIN, packages=PACKAGES), "rocky") == estimate(PLAIN, "rocky")
