"""Debian's order of versions, as its policy describes it.

Written here because the library for it is under a licence that would then hold for the whole program, and dpkg is
not on every host that builds; a test compares with dpkg itself.
"""

import re

Part = tuple[tuple[int, ...], int]  # what is no digit, letter by letter, and the number behind it
Key = tuple[int, tuple[Part, ...], tuple[Part, ...]]

_END: Part = ((0,), 0)
_PARTS = re.compile(r"(\D*)(\d*)")


def key(version: str) -> Key:
    """What versions are sorted by: the epoch, upstream's version and the revision."""
    epoch, colon, rest = version.strip().partition(":")
    if not colon or not epoch.isdecimal():
        epoch, rest = "0", version.strip()
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch), _parts(upstream), _parts(revision)


def newer(one: str, other: str) -> bool:
    """Whether one version is newer than another one."""
    return key(one) > key(other)


def _parts(text: str) -> tuple[Part, ...]:
    parts = [((*map(_order, letters), 0), int(digits or 0)) for letters, digits in _PARTS.findall(text)]
    while parts and parts[-1] == _END:
        parts.pop()
    return (*parts, _END, _END)  # twice: a first part may be no letters and a zero, which is like an end


def _order(letter: str) -> int:
    """A tilde is before the end, which is 0, letters come before all other signs."""
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256
