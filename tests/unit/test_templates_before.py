"""What templates filled to is kept, and forgotten as soon as anything that they depend on differs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from kollage.catalogue import load_catalogue
from kollage.errors import RenderError
from kollage.image import Image
from kollage.options import Options, load_options
from kollage.templates.before import Before, filled_before


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with one whole image, which takes a macro from a file beside it."""
    root = tmp_path / "docker"
    (root / "one").mkdir(parents=True)
    (root / "macros.j2").write_text("{% macro hello() %}hello{% endmacro %}")
    (root / "one" / "Dockerfile.j2").write_text("FROM scratch\n")
    return root


@pytest.fixture
def options(tmp_path: Path, tree: Path) -> Options:
    return load_options("list", [f"--cache-dir={tmp_path / 'cache'}", f"--images-dir={tree}"], {"A": "1"}, etc=tmp_path)


class Filling:
    """A filler that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, str]:
        self.calls += 1
        return {"one": f"text {self.calls}"}


def kept(options: Options) -> list[Path]:
    return sorted((options.cache_dir / "templates" / "filled").iterdir())


def test_the_second_time_nothing_is_filled(options: Options, tree: Path) -> None:
    fill = Filling()
    texts = [filled_before(load_catalogue(tree, ()), options, {"tag": "1"}, fill) for _ in range(2)]
    assert texts == [{"one": "text 1"}] * 2
    assert fill.calls == 1
    assert (kept(options)[0].stat().st_mode & 0o777) == 0o600


CHANGES: dict[str, Callable[[Path, Options], Options]] = {
    "the template": lambda tree, options: wrote(tree / "one" / "Dockerfile.j2", options),
    "a macro": lambda tree, options: wrote(tree / "macros.j2", options),
    "a new template": lambda tree, options: wrote(tree / "one" / "more.j2", options),
    "the environment": lambda _, options: replace(options, environ=MappingProxyType({"A": "2"})),
    "an override": lambda tree, options: replace(options, template_override=(tree / "macros.j2",)),
    "the repositories": lambda tree, options: replace(options, repos_yaml=tree / "macros.j2"),
}


def wrote(path: Path, options: Options) -> Options:
    path.write_text("FROM other\n")
    return options


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_a_text_depends_on_makes_it_anew(what: str, options: Options, tree: Path) -> None:
    fill = Filling()
    filled_before(load_catalogue(tree, ()), options, {"tag": "1"}, fill)
    changed = CHANGES[what](tree, options)
    assert filled_before(load_catalogue(tree, ()), changed, {"tag": "1"}, fill) == {"one": "text 2"}


def test_a_value_that_templates_see_makes_it_anew(options: Options, tree: Path) -> None:
    fill = Filling()
    for tag in ("1", "2", "1"):
        filled_before(load_catalogue(tree, ()), options, {"tag": tag}, fill)
    assert fill.calls == 2


def test_what_only_shells_change_does_not(options: Options, tree: Path) -> None:
    fill = Filling()
    for place in ("/", "/tmp"):
        here = replace(options, environ=MappingProxyType({"A": "1", "PWD": place, "_": place}))
        filled_before(load_catalogue(tree, ()), here, {}, fill)
    assert fill.calls == 1


def test_a_spoiled_file_is_as_good_as_none(options: Options, tree: Path) -> None:
    fill = Filling()
    filled_before(load_catalogue(tree, ()), options, {}, fill)
    kept(options)[0].write_bytes(b"{}")
    assert filled_before(load_catalogue(tree, ()), options, {}, fill) == {"one": "text 2"}


class Framing:
    """A filler of described images that notes which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, image: Image, values: Mapping[str, object]) -> str:
        self.asked.append(image.name)
        return f"{image.name} {values}"


def framed(options: Options, tree: Path, values: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Fill some images with their values in a run of its own, and say which were not known before."""
    fill = Framing()
    before = Before(load_catalogue(tree, ()), options, fill)
    for name, own in values.items():
        image = Image(name=name, folder=tree / name, description="d", parent=None)
        assert before.fill(image, own) == f"{name} {own}"
    before.keep()
    return fill.asked


def test_a_described_image_is_filled_once_for_its_values(options: Options, tree: Path) -> None:
    assert framed(options, tree, {"a": {"tag": 1}, "b": {}}) == ["a", "b"]
    assert framed(options, tree, {"a": {"tag": 1}, "b": {}}) == []
    assert framed(options, tree, {"a": {"tag": 2}, "b": {}}) == ["a"]
    assert framed(options, tree, {"b": {}}) == []


def test_what_a_run_does_not_ask_for_stays_known(options: Options, tree: Path) -> None:
    framed(options, tree, {"a": {}, "b": {}})
    framed(options, tree, {"c": {}})
    assert framed(options, tree, {"a": {}, "b": {}, "c": {}}) == []


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_the_text_of_a_described_image_depends_on_makes_it_anew(
    what: str, options: Options, tree: Path
) -> None:
    framed(options, tree, {"a": {}})
    assert framed(CHANGES[what](tree, options), tree, {"a": {}}) == ["a"]


def test_a_template_that_cannot_be_filled_is_not_kept(options: Options, tree: Path) -> None:
    def fails(_image: Image, _values: Mapping[str, object]) -> str:
        raise RenderError("no")

    before = Before(load_catalogue(tree, ()), options, fails)
    with pytest.raises(RenderError):
        before.fill(Image(name="a", folder=tree, description="d", parent=None), {})
    before.keep()
    assert framed(options, tree, {"a": {}}) == ["a"]
