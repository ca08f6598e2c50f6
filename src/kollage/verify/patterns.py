"""Whether a text matches one of many patterns, fast enough to ask it for every path of an image."""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate

Matches = Callable[[str], bool]

_WILD = re.compile(r"[*?[]")


def any_of(patterns: Iterable[str]) -> Matches:
    """Whether a text matches one of the patterns, as `fnmatch.fnmatchcase` does.

    Most patterns say how a text begins or ends, which needs no regular expression; of the others, one is only tried on
    a text that has their last words.
    """
    exact, begins, ends, others = set[str](), list[str](), list[str](), dict[str, list[str]]()
    for pattern in patterns:
        if not _WILD.search(pattern):
            exact.add(pattern)
        elif not _WILD.search(pattern[:-1]) and pattern.endswith("*"):
            begins.append(pattern[:-1])
        elif not _WILD.search(pattern[1:]) and pattern.startswith("*"):
            ends.append(pattern[1:])
        else:
            others.setdefault(_last_words(pattern), []).append(pattern)
    return _matches(frozenset(exact), tuple(begins), tuple(ends), {word: _regex(each) for word, each in others.items()})


def _matches(
    exact: frozenset[str], begins: tuple[str, ...], ends: tuple[str, ...], others: Mapping[str, re.Pattern[str]]
) -> Matches:
    tried = tuple(others.items())

    def matches(text: str) -> bool:
        if text in exact or text.startswith(begins) or text.endswith(ends):
            return True
        for words, regex in tried:  # noqa: SIM110 - a generator for each path would take most of the time
            if words in text and regex.match(text):
                return True
        return False

    return matches


def _last_words(pattern: str) -> str:
    """What stands between or behind the last stars, and so in every text that matches; "" if that cannot be said."""
    written = [each for each in pattern.split("*") if each]
    return written[-1] if written and not re.search(r"[?[]", pattern) else ""


def _regex(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))
