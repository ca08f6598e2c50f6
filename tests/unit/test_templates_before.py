"""What whole templates filled to is kept, and forgotten as soon as anything that they depend on differs."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from kollage.catalogue import Catalogue, load_catalogue
from kollage.options import Options, load_options
from kollage.templates.before import filled_before, private


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


@pytest.mark.parametrize("content", ["", "[", "[]", '{"one": 1}', "\udc80"])
def test_a_spoiled_file_is_as_good_as_none(content: str, options: Options, tree: Path) -> None:
    fill = Filling()
    filled_before(load_catalogue(tree, ()), options, {}, fill)
    kept(options)[0].write_bytes(os.fsencode(content))
    assert filled_before(load_catalogue(tree, ()), options, {}, fill) == {"one": "text 2"}
    assert json.loads(kept(options)[0].read_text()) == {"one": "text 2"}


def test_the_oldest_are_forgotten(options: Options, tree: Path) -> None:
    catalogue: Catalogue = load_catalogue(tree, ())
    for number in range(20):
        filled_before(catalogue, options, {"tag": number}, Filling())
    assert len(kept(options)) == 16


def test_a_folder_that_others_write_to_is_not_trusted(options: Options, tree: Path) -> None:
    fill = Filling()
    filled_before(load_catalogue(tree, ()), options, {}, fill)
    kept(options)[0].parent.chmod(0o777)
    assert filled_before(load_catalogue(tree, ()), options, {}, fill) == {"one": "text 2"}


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert private(tmp_path / "file" / "below") is None
