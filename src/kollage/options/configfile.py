"""What configuration files say: every entry with its place, and a complaint where no setting is meant.

oslo.config ignores what it does not know; a typing mistake is then a setting that silently does nothing.
Here it is a `UsageError` that names the file, the line and the nearest name.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oslo_config.iniparser import BaseParser, ParseError

from kollage.errors import UsageError
from kollage.options.commandline import CONFIG_FLAGS
from kollage.options.setting import BadValue, Kind, Setting, absolute, is_there, nearest
from kollage.options.settings import SETTINGS, SOURCE_SECTIONS, SOURCE_SETTINGS, USER_SETTINGS

DEFAULT, PROFILES = "DEFAULT", "profiles"
_GENERAL = {key: setting for setting in SETTINGS if setting.in_file for key in setting.keys}
_SOURCE = {setting.key: setting for setting in SOURCE_SETTINGS}
_USER = {setting.key: setting for setting in USER_SETTINGS}
_IN_PROFILE = Setting(name="profile", kind=Kind.EXPRESSION, help="One expression of a profile.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `key = value` of a file, and where it stands."""

    section: str
    key: str
    value: str
    place: str  # file:line

    @property
    def title(self) -> str:
        """How a message begins that is about this entry."""
        section = "" if self.section == DEFAULT else f"[{self.section}] "
        return f"{self.place}: {section}{self.key}"


def chosen_files(argv: Sequence[str], environ: Mapping[str, str], etc: Path) -> tuple[list[Path], list[str]]:
    """Say which files to read, in order, and what remains of the command line.

    Where no file is named, they are Kolla's, found in the order in which oslo.config looks for them.
    """
    given, rest = _named(argv)
    flags = [flag for flag, _ in given]
    found: list[Path] = []
    if "--config-file" not in flags:
        found += _defaults(".conf", environ, etc)
    if "--config-dir" not in flags:
        found += [path for folder in _defaults(".conf.d", environ, etc) for path in _files_within(folder)]
    for flag, text in given:
        path = absolute(text, environ)
        found += [path] if flag == "--config-file" else _files_within(path)
    return found, rest


def _named(argv: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    given: list[tuple[str, str]] = []
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":  # what follows are arguments, whatever they look like
            return given, [*rest, word, *words]
        flag, equal, text = word.partition("=")
        if flag not in CONFIG_FLAGS:
            rest.append(word)
            continue
        given.append((flag, text if equal else next(words, "")))
        if not given[-1][1]:
            raise UsageError(f"{flag} needs a path")
    return given, rest


def _defaults(ending: str, environ: Mapping[str, str], etc: Path) -> list[Path]:
    home = Path(environ["HOME"]) if environ.get("HOME") else None
    folders = [*([home / ".kolla", home] if home else []), etc / "kolla", etc]
    found = (_first(folders, name + ending) for name in ("kolla", "kolla-build"))
    return [path for path in found if path]


def _first(folders: Iterable[Path], name: str) -> Path | None:
    return next((folder / name for folder in folders if is_there(folder / name)), None)


def _files_within(folder: Path) -> list[Path]:
    if not is_there(folder, "folder"):
        raise UsageError(f"--config-dir: there is no folder '{folder}'", hint="it holds files that end in .conf")
    # not by a pattern, which passes over a folder that may not be read
    return sorted(path for path in folder.iterdir() if path.suffix == ".conf")


def read_entries(path: Path) -> list[Entry]:
    """Every entry of a file, in order. Raises `UsageError` where the file cannot be read or understood."""
    parser = _Reader(path)
    try:
        # the empty line at the end is what ends the last entry, so that its line can be counted back
        parser.parse([*path.read_text(encoding="utf-8").splitlines(), ""])
    except ParseError as error:
        raise UsageError(
            f"{path}:{error.lineno}: {error.msg}: '{error.line}'",
            hint="write [section], key = value or # comment",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text in UTF-8", hint="name another file with --config-file") from error
    except OSError as error:
        raise UsageError(
            f"the configuration file {path} cannot be read: {os.strerror(error.errno or 0)}",
            hint="name another file with --config-file",
        ) from error
    return parser.entries


class _Reader(BaseParser):
    """oslo.config's own parser, keeping the line of every entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.section = ""
        self.entries: list[Entry] = []

    def new_section(self, section: str) -> None:
        self.section = section

    def assignment(self, key: str, value: list[str]) -> None:
        line = self.lineno - len(value)
        if not self.section:
            raise UsageError(f"{self.path}:{line}: '{key}' stands before any section", hint="begin with [DEFAULT]")
        self.entries.append(Entry(section=self.section, key=key, value="\n".join(value), place=f"{self.path}:{line}"))


def check(entries: Sequence[Entry]) -> None:
    """Complain about an entry that sets nothing, or whose value cannot be one. Raises `UsageError`."""
    for section in dict.fromkeys(entry.section for entry in entries):
        mine = in_section(section, entries)
        known = _known(section, mine)
        for entry in mine:
            if known is None:
                _check_profile(entry)
            else:
                _check_entry(entry, known)


def in_section(name: str, entries: Iterable[Entry]) -> list[Entry]:
    """Pick the entries of one section."""
    return [entry for entry in entries if entry.section == name]


def sources_in(entries: Iterable[Entry]) -> list[str]:
    """Name the sections that say where a source comes from."""
    sections = dict.fromkeys(entry.section for entry in entries)
    return [name for name in sections if name not in (DEFAULT, PROFILES) and not name.endswith("-user")]


def users_in(entries: Iterable[Entry]) -> list[str]:
    """Name the sections that give an account its numbers."""
    return list(dict.fromkeys(entry.section for entry in entries if entry.section.endswith("-user")))


def profiles_in(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """Collect the profiles that files define; the last definition of a name holds."""
    return {entry.key: _expressions(entry) for entry in entries if entry.section == PROFILES}


def _expressions(entry: Entry) -> tuple[str, ...]:
    return tuple(item.strip() for item in entry.value.split(",") if item.strip())


def _known(section: str, entries: Sequence[Entry]) -> Mapping[str, Setting] | None:
    """Find what may stand in a section; None where every name may."""
    if section == DEFAULT:
        return _GENERAL
    if section == PROFILES:
        return None
    if section.endswith("-user"):
        return _USER
    if _is_source(section, entries):
        return _SOURCE
    raise UsageError(
        f"{entries[0].place}: the section [{section}] is not known",
        hint=nearest(section, (DEFAULT, PROFILES, *SOURCE_SECTIONS))
        or f"settings belong into [DEFAULT]; a source has {', '.join(_SOURCE)}",
    )


def _is_source(section: str, entries: Sequence[Entry]) -> bool:
    named = section in SOURCE_SECTIONS or "-plugin-" in section or "-additions-" in section
    return named or any(entry.key in _SOURCE or nearest(entry.key, _SOURCE) for entry in entries)


def _check_profile(entry: Entry) -> None:
    for expression in _expressions(entry):
        _read(entry, _IN_PROFILE, expression)


def _check_entry(entry: Entry, known: Mapping[str, Setting]) -> None:
    if entry.key not in known:
        raise UsageError(f"{entry.title}: there is no such setting", hint=_way_out(entry.key, known))
    if "$" not in entry.value:  # else it is not yet what it will be
        _read(entry, known[entry.key], entry.value)


def _read(entry: Entry, setting: Setting, text: str) -> None:
    try:
        setting.read(text)
    except BadValue as error:
        raise UsageError(f"{entry.title}: {error.reason}", hint=error.hint) from error


def _way_out(key: str, known: Mapping[str, Setting]) -> str:
    if known is _GENERAL:
        return nearest(key, known) or "the reference of the configuration names every one"
    return nearest(key, known) or f"one of {', '.join(known)}"
