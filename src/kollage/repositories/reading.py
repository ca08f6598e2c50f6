"""Files of Kolla's form, read into frozen mappings. What is wrong in one is a `UsageError` that says where."""

import reprlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kollage.errors import UsageError
from kollage.facts import nearest
from kollage.literals import assigned

Entry = Mapping[str, object]
Sections = Mapping[str, Mapping[str, Entry]]

_SOURCE_KEYS: Mapping[str, type] = {
    "type": str, "location": str, "reference": str, "version": str, "sha256": dict, "enabled": bool,
}  # fmt: skip
_SOURCE_TYPES = ("git", "local", "url")
_KINDS: Mapping[type, tuple[str, str]] = {  # what is wanted, and a hint
    str: ("a text", "put it in quotes"),
    dict: ("a mapping of texts", "write a line `amd64: …` for each architecture, indented below it"),
    bool: ("true or false", "write true or false, without quotes"),
}


_LINES = "write `name: value` lines, indented below it"
_ENTRY = f"{_LINES}; a tree of Kolla's before 2025.2 has names there, and is not read"


def load_sources(path: Path) -> Mapping[str, Mapping[str, object]]:
    """The sources of a file of Kolla's form, by section; keys that a build does not need are left out.

    A file in Python gives them to the name `SOURCES`.
    """
    said = _code(path) if path.suffix == ".py" else _parsed(path)
    return MappingProxyType({name: _source(path, name, facts) for name, facts in _tables(path, said).items()})


def read_sections(path: Path) -> dict[str, Mapping[str, Entry]]:
    """The repositories of a file of Kolla's form, by section and name."""
    return {
        section: MappingProxyType(
            {name: _mapping(entry, f"{path}: {section}.{name}", _ENTRY) for name, entry in repositories.items()}
        )
        for section, repositories in _tables(path, _parsed(path)).items()
    }


def _source(path: Path, section: str, facts: Entry) -> Mapping[str, object]:
    given = {key: facts[key] for key in _SOURCE_KEYS if facts.get(key) is not None}
    for key in ("type", "location"):
        if key not in given:
            raise UsageError(f"{path}: {section} has no {key}", hint=f"add {key} to it")
    for key, value in given.items():
        if not _is(value, _SOURCE_KEYS[key]):
            wanted, hint = _KINDS[_SOURCE_KEYS[key]]
            raise UsageError(f"{path}: {section}.{key} must be {wanted}, not {reprlib.repr(value)}", hint=hint)
    if given["type"] not in _SOURCE_TYPES:
        hint = nearest(str(given["type"]), _SOURCE_TYPES) or f"one of {', '.join(_SOURCE_TYPES)}"
        raise UsageError(f"{path}: {section}.type is '{given['type']}', which is not known", hint=hint)
    return MappingProxyType({key: MappingProxyType(v) if isinstance(v, dict) else v for key, v in given.items()})


def _is(value: object, kind: type) -> bool:
    """Whether a value is of a kind; a mapping also has to hold texts only."""
    texts = [*value, *value.values()] if isinstance(value, dict) else []
    return isinstance(value, kind) and all(isinstance(text, str) for text in texts)


def _tables(path: Path, said: object) -> dict[str, Mapping[str, object]]:
    """What a file says, as sections that are mappings."""
    top = _mapping(said, f"{path}: the file")
    return {name: _mapping(table, f"{path}: {name}") for name, table in top.items()}


def _mapping(value: object, where: str, hint: str = _LINES) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise UsageError(f"{where} must be a mapping, not {reprlib.repr(value)}", hint=hint)
    for key in value:
        if not isinstance(key, str):
            raise UsageError(f"{where} has a name that is not a text: {key!r}", hint="put it in quotes")
    return MappingProxyType(value)


def _code(path: Path) -> object:
    try:
        return assigned(_content(path), "SOURCES")
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{path}: not valid Python: {error}", hint="mend it") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="check the path") from error


def _parsed(path: Path) -> object:
    """What a YAML file says, read by the library in C where it is there: it is ten times faster."""
    import yaml

    try:
        return yaml.load(_content(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else f"{path}"
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise UsageError(f"{place}: not valid YAML: {reason}", hint="mend that line") from error
