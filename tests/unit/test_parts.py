"""What is said of a release of several parts is done for those parts that it concerns."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kollage import parts
from kollage.catalogue import Catalogue
from kollage.errors import UsageError
from kollage.image import Absence, Image
from kollage.options import Options

ABSENT = Absence(reason="release x has no murano", instead="say --release retired")
HAVING: Mapping[str, tuple[str, ...]] = {"retired-2023": ("base", "murano"), "retired-2021": ("base", "panko")}


def load(options: Options) -> Catalogue:
    """The catalogue as each part has it."""
    images = {
        name: Image(
            name=name,
            folder=Path(name),
            description="",
            parent=None,
            absent=None if name in HAVING[options.release] else ABSENT,
        )
        for name in ("base", "murano", "panko")
    }
    return Catalogue(root=Path("images"), images=images, accounts={}, repositories={})


def concerned(verb: str, *regex: str, image: str = "", form: str = "text") -> Sequence[str]:
    each = [([name], Options(verb=verb, release=name, regex=regex, image=image, format=form)) for name in HAVING]
    return [line[0] for line, _ in parts.concerned(each, load)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in HAVING:
        (tmp_path / "releases").mkdir(exist_ok=True)
        text = f'name = "{name}"\ncodename = "N"\nepoch = "2026-11-01"\npart-of = "retired"\n'
        (tmp_path / "releases" / f"{name}.toml").write_text(text)
    return tmp_path


def test_each_part_has_the_same_line_with_its_own_release_said_last(folder: Path) -> None:
    lines = parts.command_lines(Options(release="retired", images_dir=folder), ["--release", "retired", "murano"])
    assert lines == (
        ["--release", "retired", "murano", "--release=retired-2023"],
        ["--release", "retired", "murano", "--release=retired-2021"],
    )


def test_what_stands_behind_two_dashes_stays_an_expression(folder: Path) -> None:
    lines = parts.command_lines(Options(release="retired", images_dir=folder), ["--release=retired", "--", "-x"])
    assert lines[0] == ["--release=retired", "--release=retired-2023", "--", "-x"]


@pytest.mark.parametrize("release", ["retired-2023", "2026.2"])
def test_a_release_of_its_own_has_no_parts(folder: Path, release: str) -> None:
    assert parts.command_lines(Options(release=release, images_dir=folder), []) == ()


def test_a_verb_that_is_about_no_release_is_done_once(folder: Path) -> None:
    assert parts.command_lines(Options(verb="clean", release="retired", images_dir=folder), []) == ()


def test_a_part_is_left_out_where_it_has_nothing_of_what_was_asked_for() -> None:
    assert concerned("build", "^murano") == ["retired-2023"]
    assert concerned("build", "^panko") == ["retired-2021"]
    assert concerned("build", "^(murano|panko)") == ["retired-2023", "retired-2021"]


def test_an_image_is_shown_where_it_is() -> None:
    assert concerned("show", image="panko") == ["retired-2021"]


def test_the_locks_of_all_parts_are_made() -> None:
    assert concerned("lock") == ["retired-2023", "retired-2021"]


def test_what_no_part_has_is_the_complaint_of_the_first() -> None:
    with pytest.raises(UsageError, match="no image matches 'nova'"):
        concerned("build", "nova")


def test_json_is_of_one_release() -> None:
    with pytest.raises(UsageError) as caught:
        concerned("plan", "base", form="json")
    assert (caught.value.message, caught.value.hint) == (
        "what is asked for is in several releases: retired-2023, retired-2021",
        "say --release retired-2023",
    )
    assert concerned("plan", "panko", form="json") == ["retired-2021"]
