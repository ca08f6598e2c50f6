"""What stands in a lock: each name with its version and hashes, and how two locks are laid over each other."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)")
_HASH = re.compile(r"--hash=(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An entry of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    text: str  # as it stands in the file


def pins(text: str) -> tuple[Pin, ...]:
    """Read the entries of a lock."""
    return tuple(_pins(text))


def without(text: str, names: Collection[str]) -> str:
    """Return a lock without some names: for sources that stand for another version than the release's."""
    unwanted = {canonicalize_name(name) for name in names}
    return "".join(pin.text for pin in pins(text) if pin.name not in unwanted)


def laid_over(own: str, others: str) -> str:
    """Return a lock with the entries of another for what it does not name."""
    return own + without(others, {pin.name for pin in pins(own)})


def _pins(text: str) -> Iterator[Pin]:
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE):
        if found := _PIN.match(entry):
            yield Pin(
                name=canonicalize_name(found["name"]),
                version=found["version"],
                hashes=tuple(_HASH.findall(entry)),
                text=entry,
            )
