"""Whatever is typed, the program answers with an exit code or a sentence; anything else is a bug."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kollage import cli
from kollage.errors import KollageError, UsageError
from kollage.options import Done, Options, load_options
from kollage.options.settings import SETTINGS
from kollage.options.verbs import KOLLA_BUILD, VERBS, verb_named
from tests.functional.world import World

EVERY_VERB = sorted([*VERBS, KOLLA_BUILD.name])
# These reach a registry, resolve packages, remove images or start a service: of them only the words are read.
ACTING = {"push", "lock", "clean", "registry"}
CARRIED_OUT = [verb for verb in EVERY_VERB if verb not in ACTING]
FLAGS = sorted({flag for setting in SETTINGS if setting.flag and not setting.positional for flag in setting.flags})
UNDERSCORED = sorted({"--" + flag[2:].replace("-", "_") for flag in FLAGS if "-" in flag[2:]})
HARMLESS = [flag for flag in FLAGS if flag != "--push"]
# The command lines are carried out, so no word may lead out of the world: none but these names has a slash.
NAMES = ["example.org/debian", "example.org/none", "a/b", "https://x/y"]
VALUES = [
    *(
        "",
        " ",
        "-",
        "--",
        "0",
        "1",
        "-1",
        "1.5",
        "true",
        "x",
        "é",
        "a b",
        "$tag",
        "$",
        "${",
        "~",
        "*",
        "(",
        "a:b",
        "a:b,c",
    ),
    *(
        "debian",
        "rocky",
        "bootstrap",
        "registry",
        "json",
        "text",
        "buildah",
        "docker",
        "start",
        "linux/amd64,linux/arm64",
        "2026.2",
        "master",
        "app",
        "^app$",
    ),
    *NAMES,
]


@pytest.fixture(autouse=True)
def _temporary_files_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


INSIDE = st.text(st.characters(exclude_characters="/.\0", codec="utf-8"), max_size=5)


def lines(flags: Sequence[str], verbs: Sequence[str]) -> st.SearchStrategy[tuple[str, list[str]]]:
    words = st.one_of(
        st.sampled_from(flags),
        st.sampled_from(VALUES),
        st.tuples(st.sampled_from(flags), st.sampled_from(VALUES)).map("=".join),
        INSIDE,
    )
    return st.tuples(st.sampled_from(verbs), st.lists(words, max_size=5))


def answers(argv: Sequence[str], environ: dict[str, str]) -> bool:
    """Whether a command line ends as it may."""
    try:
        return cli.run(argv, environ) in {0, 1, 2, 3}
    except (KollageError, Done):
        return True


def taken(verb: str) -> set[str]:
    """The flags that a verb has, in every form."""
    flags = {flag for setting in verb_named(verb).flags for flag in setting.flags}
    return flags | {"--" + flag[2:].replace("-", "_") for flag in flags}


def tried(verb: str) -> list[str]:
    """The flags that a verb has, and its share of all others, each of which is refused in the same way."""
    every = [*FLAGS, *UNDERSCORED]
    share = every[EVERY_VERB.index(verb) :: len(EVERY_VERB)]
    return sorted({*every} & taken(verb) | {*share})


def is_read(verb: str, words: Sequence[str], world: World) -> bool:
    """Whether the words of a command line are understood or refused."""
    try:
        return isinstance(load_options(verb, words, world.environment(), etc=world.root / "etc"), Options)
    except (UsageError, Done):
        return True


def everything(root: Path) -> dict[Path, bytes]:
    """Every path below a folder with its content."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}


@pytest.fixture
def inside(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, and the process in it."""
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.root / "here")
    return world


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(line=lines(HARMLESS, CARRIED_OUT))
def test_any_command_line_has_an_answer(
    inside: World, capsys: pytest.CaptureFixture[str], line: tuple[str, list[str]]
) -> None:
    verb, words = line
    assert answers([verb, *words], inside.environment()), line
    capsys.readouterr()


@pytest.mark.parametrize("verb", [verb for verb in CARRIED_OUT if verb != KOLLA_BUILD.name])  # it is `build`
def test_any_flag_without_a_value_has_an_answer(inside: World, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    for flag in filter(HARMLESS.__contains__, tried(verb)):
        assert answers([verb, flag], inside.environment()), flag
        assert Path.cwd() == inside.root / "here"
        capsys.readouterr()


@settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(line=lines([*FLAGS, *UNDERSCORED], EVERY_VERB))
def test_any_words_are_understood_or_refused(inside: World, line: tuple[str, list[str]]) -> None:
    assert is_read(*line, inside), line


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_reading_words_leaves_nothing_behind(inside: World, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    before = everything(inside.root)
    for flag in tried(verb):
        for words in ([flag, "x", "start"], [f"{flag}=1"]):
            assert is_read(verb, words, inside), words
    assert everything(inside.root) == before
    assert capsys.readouterr() == ("", "")
