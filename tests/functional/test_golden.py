"""What every image is built from, on every base, is on record: a change of a Dockerfile is seen before it is built."""

import re
from pathlib import Path

import pytest

from kollage.image import BASES
from tests.golden.renew import FOLDER, golden

RENEW = "if the change is wanted, run `make golden` (python -m tests.golden.renew) and commit the difference"
bases = pytest.mark.parametrize("base", BASES)


def recorded(base: str) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / base).glob("*.Dockerfile"))}


@bases
def test_every_dockerfile_is_as_recorded(base: str) -> None:
    made, known = dict(golden(base)), recorded(base)
    assert sorted(made) == sorted(known), RENEW
    for name, text in made.items():
        assert text == known[name], f"{base}/{name}.Dockerfile is not what is rendered now: {RENEW}"


@bases
def test_no_dockerfile_names_a_place_of_this_machine(base: str) -> None:
    here = Path(__file__).parents[2]
    for name, text in recorded(base).items():
        assert str(here) not in text, name
        own = text.replace("/tmp/uv-*.lock", "")  # in the image, where uv leaves them
        assert not re.search(r"(^|[\s=\"'])/(home|tmp|work)/", own), name
