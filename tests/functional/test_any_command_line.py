"""Whatever is typed, the program answers with an exit code or a sentence; anything else is a bug."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kollage import cli
from kollage.errors import KollageError
from kollage.options import Done
from kollage.options.settings import SETTINGS
from kollage.options.verbs import VERBS
from tests.functional.world import World

FLAGS = sorted({flag for setting in SETTINGS if setting.flag and not setting.positional for flag in setting.flags})
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
        "2026.2",
        "master",
        "app",
        "^app$",
    ),
    *NAMES,
]
INSIDE = st.text(st.characters(exclude_characters="/.\0", codec="utf-8"), max_size=5)
WORDS = st.one_of(
    st.sampled_from(FLAGS),
    st.sampled_from(VALUES),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES)).map("=".join),
    INSIDE,
)
LINES = st.tuples(st.sampled_from([verb for verb in VERBS if verb != "lock"]), st.lists(WORDS, max_size=5))


def answers(argv: Sequence[str], environ: dict[str, str]) -> bool:
    """Whether a command line ends as it may."""
    try:
        return cli.run(argv, environ) in {0, 1, 2, 3}
    except (KollageError, Done):
        return True


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(line=LINES)
def test_any_command_line_has_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: tuple[str, list[str]]
) -> None:
    with monkeypatch.context() as patched:
        for name, value in world.environment().items():
            patched.setenv(name, value)
        patched.chdir(world.root / "here")
        verb, words = line
        assert answers([verb, *words], world.environment()), line
    capsys.readouterr()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "lock"])
@pytest.mark.parametrize("flag", FLAGS)
def test_any_flag_without_a_value_has_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str, flag: str
) -> None:
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.root / "here")
    assert answers([verb, flag], world.environment())
    assert Path.cwd() == world.root / "here"
    capsys.readouterr()
