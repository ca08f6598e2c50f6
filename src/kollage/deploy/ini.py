"""Files of sections and keys, merged: what an operator says stands over what is made here, key by key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kollage.errors import UsageError

Sections = dict[str, dict[str, list[str]]]


@dataclass(slots=True)
class _Reader:
    """Where a file has been read to."""

    path: Path
    found: Sections = field(default_factory=dict)
    section: str = ""
    key: str = ""

    def line(self, number: int, text: str) -> None:
        stripped = text.strip()
        if not stripped or stripped[0] in "#;":
            return
        if text[0].isspace() and self.key:  # the value goes on
            self.found[self.section][self.key][-1] += f"\n{text.rstrip()}"
        elif stripped.startswith("["):
            self._begin(number, stripped)
        else:
            self._entry(number, stripped)

    def _begin(self, number: int, text: str) -> None:
        if not text.endswith("]") or not text[1:-1].strip():
            raise self._complaint(number, text, "a section begins with [ and ends with ]")
        self.section, self.key = text[1:-1].strip(), ""
        self.found.setdefault(self.section, {})

    def _entry(self, number: int, text: str) -> None:
        if not self.section:
            raise self._complaint(number, text, "write the section that it belongs to above it, such as [DEFAULT]")
        key, equal, value = text.partition("=")
        colon, _, rest = text.partition(":")
        if not equal and rest:
            key, value, equal = colon, rest, ":"
        if not key.strip():
            raise self._complaint(number, text, "write key = value")
        self.key = key.strip()
        self.found[self.section].setdefault(self.key, []).append(value.strip() if equal else "\0")

    def _complaint(self, number: int, text: str, hint: str) -> UsageError:
        return UsageError(f"{self.path}:{number}: this does not parse: '{text}'", hint=hint)


def parsed(text: str, path: Path) -> Sections:
    """The sections of a text, each key with all its values in order. `path` is for messages. Raises `UsageError`."""
    reader = _Reader(path)
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, line)
    return reader.found


def merged(below: Sections, above: Sections) -> Sections:
    """Both in one; a key that both have keeps the values of `above` alone."""
    both = {name: dict(keys) for name, keys in below.items()}
    for name, keys in above.items():
        both.setdefault(name, {}).update(keys)
    return both


def written(sections: Sections) -> str:
    """The text of sections."""
    return "\n".join(_lines(sections)) + "\n"


def _lines(sections: Sections) -> Iterator[str]:
    for number, (name, keys) in enumerate(sections.items()):
        yield from ([""] if number else [])
        yield f"[{name}]"
        for key, values in keys.items():
            yield from (key if value == "\0" else f"{key} = {value}" for value in values)
