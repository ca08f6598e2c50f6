"""Read a TOML file strictly: a wrong type or key is a sentence that names the file, the key and the way out."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from kollage.errors import CatalogueError

_T = TypeVar("_T")
_EXAMPLES: Mapping[type, str] = {str: '"…"', int: "1", bool: "true", list: '["…"]', dict: '{ … = "…" }'}


def read(path: Path) -> "Facts":
    """The facts of a TOML file."""
    try:
        return Facts(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: not valid TOML: {error}") from error
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}") from error


def nearest(name: str, names: Iterable[str], *, likeness: float = 0.6) -> str:
    """A hint with the name that was probably meant, or an empty string where none is as like as that."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=likeness)
    return f"did you mean '{close[0]}'?" if close else ""


class Facts:
    """A table of a TOML file that remembers which of its keys were asked for."""

    def __init__(self, path: Path, table: Mapping[str, object], prefix: str = "") -> None:
        self.path = path
        self._table = table
        self._prefix = prefix
        self._asked: list[str] = []

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it is required."""
        value = self._get(key, str, "a text", default)
        if value is None:
            raise self._missing(key, str)
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number; without a default it is required."""
        value = self._get(key, int, "a whole number", default)
        if value is None:
            raise self._missing(key, int)
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        return bool(self._get(key, bool, "true or false", default))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty where the key is missing."""
        return self._strings(key, self._get(key, list, "a list of texts", None) or [])

    def mapping(self, key: str) -> Mapping[str, str]:
        """A table whose values are strings, empty where the key is missing."""
        table = self._get(key, dict, "a table of texts", None) or {}
        return dict(zip(table, self._strings(key, table.values()), strict=True))

    def table(self, key: str) -> "Facts":
        """A sub-table, empty where the key is missing."""
        return Facts(self.path, self._get(key, dict, "a table", None) or {}, f"{self._prefix}{key}.")

    def tables(self, key: str) -> "tuple[Facts, ...]":
        """A list of tables, empty where the key is missing."""
        self._asked.append(key)
        rows = self._table.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.complaint(key, "must be a list of tables", hint=f"write [[{self._prefix}{key}]]")
        return tuple(Facts(self.path, row, f"{self._prefix}{key}[{n}].") for n, row in enumerate(rows))

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._table

    def is_list(self, key: str) -> bool:
        """Whether the key holds a list."""
        return isinstance(self._table.get(key), list)

    def is_table(self, key: str) -> bool:
        """Whether the key holds a table."""
        return isinstance(self._table.get(key), dict)

    def names(self) -> Iterator[str]:
        """The keys as written; each counts as asked for."""
        self._asked.extend(self._table)
        return iter(self._table)

    def done(self) -> None:
        """Complain of a key that nothing asked for."""
        for key in self._table:
            if key not in self._asked:
                raise self.complaint(
                    key, "is not a key that is known here", hint=nearest(key, self._asked) or self._known()
                )

    def complaint(self, key: str, what: str, *, hint: str = "") -> CatalogueError:
        """An error that names the file and the key."""
        return CatalogueError(f"{self.path}: {self._prefix}{key} {what}", hint=hint)

    def _get(self, key: str, kind: type[_T], wanted: str, default: _T | None) -> _T | None:
        self._asked.append(key)
        value = self._table.get(key, default)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise self.complaint(
                key, f"must be {wanted}, not {value!r}", hint=f"write {self._prefix}{key} = {_EXAMPLES[kind]}"
            )
        return value

    def _missing(self, key: str, kind: type) -> CatalogueError:
        strangers = [name for name in self._table if name not in self._asked]
        meant = difflib.get_close_matches(key, strangers, n=1)
        hint = f"rename '{meant[0]}' to '{key}'" if meant else f"add {self._prefix}{key} = {_EXAMPLES[kind]}"
        return self.complaint(key, "is missing", hint=hint)

    def _strings(self, key: str, values: Iterable[object]) -> tuple[str, ...]:
        strings = tuple(value for value in values if isinstance(value, str))
        if len(strings) != len(list(values)):
            raise self.complaint(key, "must hold texts only", hint="put each value in quotes")
        return strings

    def _known(self) -> str:
        return f"known keys: {', '.join(sorted(set(self._asked)))}"
