"""Whether every script that can be executed has its interpreter in the image."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from kollage.verify.prover.reading import beginning
from kollage.verify.subject import Entry, Finding, Subject

NAME = "prover.interpreters"

_LINE = 256  # the kernel reads no more of the first line
_BLANKS = re.compile(r"[ \t]+")  # what the kernel splits at: a carriage return is part of the name
_MODULE = re.compile(r"/((site|dist)-packages|lib/python3[.0-9]*)/.*\.py$")  # imported; its first line is a leftover
_ELSEWHERE = ("/etc/sv/",)  # services of runit: packages bring them, containers have another way to start
# folders of scripts that nobody starts
_SHOWN = frozenset({"doc", "docs", "demo", "demos", "example", "examples", "samples"})


def check_interpreters(subject: Subject) -> Iterator[Finding]:
    """Every script that can be executed names an interpreter that is in the image."""
    for path, entry in subject.entries.items():
        if _is_program(path, entry) and (words := _first_line(subject, path)):
            yield from _of_script(subject, path, words)


def _is_program(path: str, entry: Entry) -> bool:
    if not (entry.is_file and entry.mode & 0o111) or _MODULE.search(path) or path.startswith(_ELSEWHERE):
        return False
    return _SHOWN.isdisjoint(path.split("/")[:-1])


def _first_line(subject: Subject, path: str) -> Sequence[str]:
    """The interpreter and its arguments; none where the file is no script, or cannot be read."""
    begin = beginning(subject, path, _LINE)
    if not begin.startswith(b"#!"):
        return ()
    return _BLANKS.split(begin[2:].split(b"\n")[0].decode(errors="replace").strip(" \t"))


def _of_script(subject: Subject, path: str, words: Sequence[str]) -> Iterator[Finding]:
    interpreter = words[0]
    if not subject.found(interpreter) or "/" not in interpreter:
        yield _finding(path, f"is run by {_shown(interpreter)}, which is not in the image")
    elif PurePosixPath(interpreter).name == "env":
        command = _of_env(words[1:])
        if command and not subject.found(command):
            yield _finding(path, f"is run by {_shown(command)}, which is not on the PATH of the image")


def _of_env(arguments: Sequence[str]) -> str:
    """The command that `env` starts, behind its options and variables."""
    return next((each for each in arguments if not each.startswith("-") and "=" not in each), "")


def _shown(name: str) -> str:
    """The name; one with a character that cannot be seen is quoted."""
    return name if name and name.isprintable() else repr(name)


def _finding(path: str, message: str) -> Finding:
    return Finding(check=NAME, subject=path, message=f"{path} {message}")
