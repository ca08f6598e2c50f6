"""The first word of a command line is a verb; what only asks for a text gets it."""

import pytest

from kollage import cli
from kollage.errors import UsageError
from kollage.options import Done
from kollage.options.verbs import VERBS


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"], ["help"]])
def test_without_a_verb_there_is_help(argv: list[str]) -> None:
    with pytest.raises(Done) as raised:
        cli.run(argv, {})
    assert raised.value.text.startswith("usage: kollage VERB ")


def test_the_version_needs_no_verb() -> None:
    with pytest.raises(Done) as raised:
        cli.run(["--version"], {})
    assert raised.value.text.startswith("kollage ")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_of_its_own(verb: str) -> None:
    with pytest.raises(Done) as raised:
        cli.run([verb, "--help"], {})
    assert raised.value.text.startswith(f"usage: kollage {verb} ")


@pytest.mark.parametrize(("word", "hint"), [("lst", "did you mean 'list'?"), ("zzz", "see `kollage --help`")])
def test_another_word_is_no_verb(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        cli.run([word], {})
    assert (raised.value.message, raised.value.hint) == (f"there is no verb '{word}'", hint)


def test_a_flag_in_front_of_the_verb_is_told_to_go_behind_it() -> None:
    with pytest.raises(UsageError) as raised:
        cli.run(["--tree", "list"], {})
    assert raised.value.message == "'--tree' stands before the verb"
    assert raised.value.hint == "flags come behind the verb: kollage VERB [flags] ..."
