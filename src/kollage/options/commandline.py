"""The words of a command line: every spelling of a flag made one, and a sentence for a line that cannot be.

Kolla's flags have dashes, some of them underscores, and scripts write either; a flag may be shortened as long as it
stays one flag. What comes out of here is spelled as the table of settings spells it.
"""

import re
from collections.abc import Mapping, Sequence

from kollage.errors import UsageError
from kollage.options.setting import Kind, Setting, nearest
from kollage.options.verbs import VERBS, Verb

CONFIG_FLAGS = ("--config-file", "--config-dir")
_ALWAYS = ("--help", "--version", *CONFIG_FLAGS)


def settled(verb: Verb, argv: Sequence[str]) -> list[str]:
    """Spell every flag as the table does. Raises `UsageError` where a beginning may be several flags."""
    spellings = {flag: flag for flag in _ALWAYS}
    for setting in verb.flags:
        spellings |= {} if setting.positional else _spellings(setting)
    count = len(before_arguments(argv))
    return [*(_spelled(word, spellings) for word in argv[:count]), *argv[count:]]


def before_arguments(words: Sequence[str]) -> Sequence[str]:
    """Pick the words before `--`, behind which nothing is a flag."""
    return words[: words.index("--")] if "--" in words else words


def flag_error(verb: Verb, printed: str) -> UsageError:
    """Make a sentence and a way out of what argparse printed."""
    message = printed.strip().splitlines()[-1].partition("error: ")[2] or printed.strip()
    message = re.sub(r"argument (\S+?)(/\S+)?: expected one argument", r"\1 needs a value", message)
    message = re.sub(r"argument (\S+?)(/\S+)?: ignored explicit argument (.*)", r"\1 takes no value", message)
    message = re.sub(r"the following arguments are required: (\S+)", r"\1 is missing", message)
    unknown = message.partition("unrecognized arguments: ")[2].split()
    if not unknown:
        return UsageError(message, hint=f"usage: {verb.usage}")
    name = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
    if name.startswith("-"):
        return unknown_flag(verb, name)
    return UsageError(f"'{name}' is one argument too many", hint=f"usage: {verb.usage}; flags come last")


def unknown_flag(verb: Verb, name: str) -> UsageError:
    """Say that a verb has no such flag, and which has, or which was meant."""
    takers = [each.program for each in VERBS.values() if _takes(each, name)]
    if takers:
        return UsageError(f"{verb.program} takes no {name}", hint=f"it belongs to {', '.join(takers)}")
    known = [flag for setting in verb.flags if not setting.positional for flag in setting.flags]
    return UsageError(
        f"there is no flag '{name}'", hint=nearest(name, [*known, *CONFIG_FLAGS]) or f"see {verb.program} --help"
    )


def _takes(verb: Verb, name: str) -> bool:
    return any(_dashed(name) in setting.flags for setting in verb.flags if not setting.positional)


def _spellings(setting: Setting) -> dict[str, str]:
    """Every long name of a setting, and how it is settled."""
    prefixes = ("--", "--no") if setting.kind is Kind.SWITCH else ("--",)
    names = (setting.name, *setting.also)
    return {f"{prefix}{name}": f"{prefix}{setting.name}" for prefix in prefixes for name in names}


def _spelled(word: str, spellings: Mapping[str, str]) -> str:
    flag, equal, value = word.partition("=")
    if not flag.startswith("--"):
        return word
    beginning = _dashed(flag)
    meant = list(dict.fromkeys(settled for spelling, settled in spellings.items() if spelling.startswith(beginning)))
    if beginning in spellings:
        meant = [spellings[beginning]]
    if len(meant) > 1:
        raise UsageError(f"'{flag}' may be {', '.join(meant)}", hint="write it out")
    return f"{meant[0]}{equal}{value}" if meant else word


def _dashed(flag: str) -> str:
    return flag.replace("_", "-")
