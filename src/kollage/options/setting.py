"""One setting: what it is called, what its text may be, and how that text is read."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from kollage.errors import UsageError


class Kind(Enum):
    """What the text of a setting stands for; the value is how the documentation names it."""

    TEXT = "text"
    NUMBER = "whole number"
    SWITCH = "true or false"
    LIST = "list, separated by commas"
    PAIRS = "name:value, separated by commas"
    DIGESTS = "hash, or architecture:hash separated by commas"
    PATH = "path"
    EXPRESSION = "regular expression"


class BadValue(Exception):  # noqa: N818 - it becomes a UsageError where it is known who said it
    """A setting was given a text that cannot be its value."""

    def __init__(self, setting: "Setting", reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.setting = setting
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that can be set: `--name` on the command line, `name` in the file.

    `default` is written as in the file. `field` is the field of `Options` that holds the value, where that
    has another name; "-" means none.
    """

    name: str
    help: str
    group: str = ""
    kind: Kind = Kind.TEXT
    short: str = ""
    also: tuple[str, ...] = ()  # other names that mean the same
    many: bool = False  # may be given several times
    positional: bool = False
    default: str | None = None
    default_is: str = ""  # how the documentation says a default that is found out
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    shape: str = ""  # an expression that the whole text has to match
    hint: str = ""  # the way out when it does not
    has_to_be: str = ""  # file or folder: the path has to be there
    flag: bool = True
    in_file: bool = True
    field: str = ""

    @property
    def key(self) -> str:
        """The name in the configuration file, as the documentation writes it."""
        return self.name.replace("-", "_")

    @property
    def keys(self) -> tuple[str, ...]:
        """Every name that the configuration file may use, `key` first: with underscores or with dashes."""
        spelled = ((name.replace("-", "_"), name.replace("_", "-")) for name in (self.name, *self.also))
        return tuple(dict.fromkeys(each for both in spelled for each in both))

    @property
    def flags(self) -> tuple[str, ...]:
        """Every way to say it on the command line, but for underscores in the place of dashes."""
        long = [f"--{name}" for name in (self.name, *self.also)]
        inverse = [f"--no{name}" for name in (self.name, *self.also)] if self.kind is Kind.SWITCH else []
        return (*long, *([f"-{self.short}"] if self.short else []), *inverse)

    @property
    def said(self) -> str:
        """How a message names what was said on the command line."""
        return (self.field or self.name).upper() if self.positional else f"--{self.name}"

    def read(self, text: object) -> object:
        """Find the value that a text stands for. Raises `BadValue`."""
        text = str(text).strip()
        if self.choices and text not in self.choices:
            raise BadValue(self, f"'{text}' is not one of {', '.join(self.choices)}", nearest(text, self.choices))
        if self.shape and not re.fullmatch(self.shape, text):
            raise BadValue(self, f"'{text}' is not valid", self.hint)
        return _READ[self.kind](self, text)


def nearest(name: str, known: Iterable[str]) -> str:
    """Phrase the hint for a name that is not known: the nearest one that is, or nothing."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[found[0]]}'?" if found else ""


def absolute(text: str, environ: Mapping[str, str]) -> Path:
    """Make a path of a text; `~` is the home that the environment names."""
    if text != "~" and not text.startswith("~/"):
        return Path(text).absolute()
    if not environ.get("HOME"):
        raise UsageError(f"'{text}' needs a home folder, and HOME is not set", hint="set HOME, or name a path")
    return Path(environ["HOME"], text[2:]).absolute()


def is_there(path: Path, what: str = "") -> bool:
    """Say whether a path leads to a file or a folder; what may not be looked at is not there."""
    try:
        return {"file": path.is_file, "folder": path.is_dir}.get(what, path.exists)()
    except PermissionError:
        return False


def _number(setting: Setting, text: str) -> object:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise BadValue(setting, f"'{text}' is not a whole number", "write digits only")
    if setting.minimum is not None and int(text) < setting.minimum:
        raise BadValue(setting, f"{text} is too small", f"the least is {setting.minimum}")
    return int(text)


_SWITCH = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def _switch(setting: Setting, text: str) -> object:
    if text.lower() not in _SWITCH:
        raise BadValue(setting, f"'{text}' is neither true nor false", "write one of the two")
    return _SWITCH[text.lower()]


def _list(_: Setting, text: str) -> object:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _pairs(setting: Setting, text: str) -> object:
    return _as_pairs(setting, text)


def _as_pairs(setting: Setting, text: str) -> dict[str, str]:
    pairs = [item.strip().partition(":") for item in text.split(",") if item.strip()]
    for name, colon, _ in pairs:
        if not colon or not name.strip():
            raise BadValue(setting, f"'{name}' is no pair", "write name:value, several with commas between them")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _digests(setting: Setting, text: str) -> object:
    digests = {"": text} if text and ":" not in text else _as_pairs(setting, text)
    for digest in digests.values():
        if not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
            raise BadValue(setting, f"'{digest}' is no SHA-256", "it has 64 hexadecimal digits")
    return {arch: digest.lower() for arch, digest in digests.items()}


def _expression(setting: Setting, text: str) -> object:
    try:
        re.compile(text)
    except re.error as error:
        raise BadValue(
            setting,
            f"the expression '{text}' does not compile: {error}",
            "put a backslash before a literal sign",
        ) from error
    return text


def _text(_: Setting, text: str) -> object:
    return text


_READ = {
    Kind.TEXT: _text,
    Kind.PATH: _text,
    Kind.NUMBER: _number,
    Kind.SWITCH: _switch,
    Kind.LIST: _list,
    Kind.PAIRS: _pairs,
    Kind.DIGESTS: _digests,
    Kind.EXPRESSION: _expression,
}
