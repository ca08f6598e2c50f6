"""Whether the commands that a service starts are in its image."""

import re
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser, Error
from pathlib import PurePosixPath

from kollage.verify.prover.calls import commands
from kollage.verify.prover.distributions import environments
from kollage.verify.prover.reading import text
from kollage.verify.subject import Finding, Subject

NAME = "prover.commands"

_WITHOUT_COMMAND = ("KillFilter", "ReadFileFilter")  # they name accounts and files
_MODULE = re.compile(r"(?!.*/tests?/).*\.py")


def check_commands(subject: Subject) -> Iterator[Finding]:
    """Every command that rootwrap's filters or the service's own code name is found by the service.

    Code that many images share names commands that only some of them start; those alone are held to it.
    """
    by = subject.image.verify.commands_by
    if by and subject.image.name not in by:
        return
    named: dict[str, list[str]] = {}
    trees = [environment.folder for environment in environments(subject)]
    rootwrap = [path for path in subject.entries if _of_rootwrap(path, trees)]
    for command, place in (*_filtered(subject, rootwrap), *_called(subject)):
        named.setdefault(command, []).append(place)
    folders = [folder for path in rootwrap if path.endswith(".conf") for folder in _folders(text(subject, path))]
    for command, places in named.items():
        if not _found(subject, command, folders):
            others = f" and {len(places) - 1} more" if len(places) > 1 else ""
            message = f"{places[0]}{others} can start {command}, which is not in the image"
            yield Finding(check=NAME, subject=command, message=message)


def _of_rootwrap(path: str, trees: Sequence[str]) -> bool:
    """Whether a file says what rootwrap may start, and not just lies in a source tree."""
    named = "rootwrap" in path and path.endswith((".filters", "rootwrap.conf"))
    return named and path.startswith(("/etc/", "/usr/share/", *(f"{tree}/" for tree in trees)))


def _found(subject: Subject, command: str, folders: Sequence[str]) -> bool:
    places = [command] if "/" in command else [command, *(f"{folder}/{command}" for folder in folders)]
    return any(subject.found(place) for place in places)


def _filtered(subject: Subject, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        if path.endswith(".filters"):
            yield from ((command, path) for command in _filters(_ini(text(subject, path)).get("Filters", {})))


def _filters(section: Mapping[str, str]) -> Iterator[str]:
    """The second field of a filter is what it lets through; `env` is only the way there."""
    for value in section.values():
        kind, *fields = (field.strip() for field in value.split(","))
        if kind in _WITHOUT_COMMAND or not fields:
            continue
        behind = [field for field in fields[2:] if "=" not in field]
        command = behind[0] if kind == "EnvFilter" and behind else fields[0]
        if command:
            yield command


def _folders(content: str) -> Sequence[str]:
    named = _ini(content).get("DEFAULT", {}).get("exec_dirs", "")
    return [folder.strip() for folder in named.split(",") if folder.strip()]


def _ini(content: str) -> Mapping[str, Mapping[str, str]]:
    """The sections of a file; none where it cannot be read."""
    parser = ConfigParser(interpolation=None, strict=False, default_section="", delimiters=("=", ":"))
    parser.optionxform = str  # type: ignore[method-assign,assignment] # as the documentation of configparser says
    try:
        parser.read_string(content)
    except Error:
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _called(subject: Subject) -> Iterator[tuple[str, str]]:
    """The commands in the code of the service, not of its libraries: those have more uses than this one."""
    for environment in environments(subject):
        packages = tuple(f"{each.site}/{package}/" for each in environment.projects for package in each.packages)
        for path in subject.entries:
            if path.startswith(packages) and _MODULE.fullmatch(path):
                short = str(PurePosixPath(path).relative_to(environment.folder))
                yield from ((command, short) for command in sorted(commands(text(subject, path))))
