"""What differs in an image is said in sentences that name the line, the file, the source and the argument."""

from typing import Any

import pytest

from kollage.history import explain, kept

INPUTS: dict[str, Any] = {
    "parent": "p0",
    "recipe": "FROM parent\nRUN one\nRUN two\n",
    "context": {"a.conf": ["0o644", "h1"], "start": ["0o755", "h2"]},
    "sources": ["app-archive: pypi:app==1.0", "plugins-archive: git:x@1", "plugins-archive: git:y@1"],
    "build_args": {"colour": "red"},
    "arch": "x86_64",
}


def difference(**changed: object) -> tuple[str, ...]:
    return explain(kept(INPUTS), kept({**INPUTS, **changed}))


def test_what_is_equal_gives_nothing() -> None:
    assert difference() == ()


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("FROM parent\nRUN one\nRUN 2\n", "Dockerfile line 3: RUN two -> RUN 2"),
        ("FROM parent\nRUN new\nRUN one\nRUN two\n", "Dockerfile line 2 is new: RUN new"),
        ("FROM parent\nRUN two\n", "Dockerfile line 2 is gone: RUN one"),
        ("FROM parent\n\nRUN one\nRUN two\n", "Dockerfile line 2 is new: (an empty line)"),
        ("FROM other\nRUN one\nRUN 2\n", "Dockerfile line 1: FROM parent -> FROM other (and 1 more place)"),
        ("FROM 1\nRUN one\nRUN 2\nRUN x\nRUN two\nX", "Dockerfile line 1: FROM parent -> FROM 1 (and 2 more places)"),
    ],
)
def test_of_a_dockerfile_the_first_line_is_said(recipe: str, sentence: str) -> None:
    assert difference(recipe=recipe) == (sentence,)


def test_a_long_line_is_cut_so_that_both_show_where_they_differ() -> None:
    long = "RUN " + " ".join(f"package-{number}" for number in range(100))
    (sentence,) = explain({"recipe": long}, {"recipe": long.replace("package-77", "package-seventy")})
    old, _, new = sentence.partition(" -> ")
    assert old.startswith("Dockerfile line 1: …")
    assert ("package-77" in old, "package-seventy" in new, len(sentence) < 180) == (True, True, True)


@pytest.mark.parametrize(
    ("context", "sentences"),
    [
        ({"a.conf": ["0o644", "other"], "start": ["0o755", "h2"]}, ("file a.conf changed",)),
        ({"a.conf": ["0o600", "h1"], "start": ["0o755", "h2"]}, ("file a.conf: mode 644 -> 600",)),
        ({"start": ["0o755", "h2"]}, ("file a.conf is gone",)),
        ({**INPUTS["context"], "b": ["0o644", "x"], "c": ["0o644", "x"]}, ("files b, c are new",)),
        (
            {**INPUTS["context"], **{f"f{number}": ["0o644", "x"] for number in range(5)}},
            ("files f0, f1, f2 and 2 more are new",),
        ),
        ({"a.conf": ["0o600", "other"]}, ("file a.conf changed", "file start is gone")),
    ],
)
def test_of_files_it_is_said_what_happened_to_them(context: object, sentences: tuple[str, ...]) -> None:
    assert difference(context=context) == sentences


@pytest.mark.parametrize(
    ("sources", "sentences"),
    [
        (["app-archive: pypi:app==1.1", *INPUTS["sources"][1:]], ("source app from pypi:app==1.0 to pypi:app==1.1",)),
        (INPUTS["sources"][1:], ("source app has no longer pypi:app==1.0",)),
        ([*INPUTS["sources"], "plugins-archive: git:z@1"], ("source plugins has now git:z@1",)),
        ([*INPUTS["sources"][:2], "plugins-archive: git:y@2"], ("source plugins from git:y@1 to git:y@2",)),
    ],
)
def test_of_sources_it_is_said_from_what_to_what(sources: list[str], sentences: tuple[str, ...]) -> None:
    assert difference(sources=sources) == sentences


@pytest.mark.parametrize(
    ("arguments", "sentences"),
    [
        ({"colour": "blue"}, ("build argument colour changed",)),
        ({}, ("build argument colour is gone",)),
        ({"colour": "red", "a": "1", "b": "2"}, ("build arguments a, b are new",)),
    ],
)
def test_of_build_arguments_no_more_than_names_are_said(arguments: object, sentences: tuple[str, ...]) -> None:
    assert difference(build_args=arguments) == sentences


def test_the_architecture_and_what_is_not_known_are_said_as_they_are() -> None:
    assert difference(arch="aarch64", zones=["a", "b"]) == (
        "arch from x86_64 to aarch64",
        "zones from None to a, b",
    )


def test_an_epoch_is_a_day() -> None:
    assert explain({"epoch": 1793491200}, {"epoch": 1795478400}) == ("epoch from 2026-11-01 to 2026-11-24",)


def test_a_parent_comes_last_in_the_words_of_who_asks() -> None:
    new = {**INPUTS, "parent": "p1", "arch": "aarch64"}
    assert explain(INPUTS, new) == ("arch from x86_64 to aarch64", "its parent is another one")
    assert explain(INPUTS, new, parent="as base") == ("arch from x86_64 to aarch64", "as base")
    assert explain(INPUTS, new, parent="") == ("arch from x86_64 to aarch64",)


def test_a_changed_argument_is_seen_though_only_hashes_are_kept() -> None:
    secret = kept({"build_args": {"password": "wonderland"}})
    assert "wonderland" not in str(secret)
    assert explain(secret, kept({"build_args": {"password": "other"}})) == ("build argument password changed",)


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (None, ["bash=2"], ("updates of packages: bash 2",)),
        (["bash=2"], ["bash=3", "curl=1:9"], ("updates of packages: bash 3, curl 1:9",)),
        (None, ["a=1", "b=2", "c=3", "d=4", "e=5"], ("updates of packages: a 1, b 2, c 3 and 2 more",)),
        (["bash=2"], None, ("updates of packages are no longer asked for",)),
    ],
)
def test_of_updates_the_packages_are_said(
    before: list[str] | None, after: list[str] | None, sentences: tuple[str, ...]
) -> None:
    old, new = ({**INPUTS, **({"updates": each} if each else {})} for each in (before, after))
    assert explain(kept(old), kept(new)) == sentences
