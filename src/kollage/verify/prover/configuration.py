"""Whether the files that shipped configuration names are in the image."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from kollage.verify.prover.reading import text
from kollage.verify.subject import Finding, Subject

NAME = "prover.configuration"

_READ = re.compile(r"/etc/(?!ld\.so\.conf)(.+\.(conf|cnf|cf|cfg|ini|load)|logrotate\.d/.+)")
_SWITCHED_OFF = re.compile(r"-available/")  # what is used is linked to from the folder beside it
_COMMENT = re.compile(r"(^|\s)(#|;|//).*")
_PATH = re.compile(
    r"""(?<![^\s=:,;"'(<])/(?:etc|usr|opt|lib|lib64|bin|sbin)/[^\s"',;:()<>|&]+"""
)  # what only images bring
_LIST = re.compile(r"[,:]\s*/")  # folders that are searched one after the other
_TESTED = re.compile(r"""-[a-z]\s+["']?(/[^\s"']+)""")  # [ -f /path ]: whoever asks can do without
_MAY_MISS = re.compile(r"optional|disable", re.IGNORECASE)  # IncludeOptional, disable_by_file_path
_SECRET = re.compile(r"\.(pem|key|crt|tab|keytab)$|/private/")  # an image holds no keys: a deployment brings them
_PATTERN = re.compile(r"[*?\[]")
_FILLED_IN = re.compile(r"[$%{}\\]")  # a name that is not yet known


def check_configuration(subject: Subject) -> Iterator[Finding]:
    """Every file that a configuration in the image names is in the image too."""
    read: set[str] = set()
    for path in subject.entries:
        real = subject.resolved(path) if _is_read(path) else ""
        if real and real not in read:
            read.add(real)
            yield from _of_file(subject, path)


def _is_read(path: str) -> bool:
    return path.startswith("/etc/") and bool(_READ.fullmatch(path)) and not _SWITCHED_OFF.search(path)


def _of_file(subject: Subject, path: str) -> Iterator[Finding]:
    content = text(subject, path)
    for name in dict.fromkeys(_missing(subject, content)):
        yield Finding(check=NAME, subject=name, message=f"{path} names {name}, which is not in the image")


def _missing(subject: Subject, content: str) -> Iterator[str]:
    tested = {PurePosixPath(name) for name in _TESTED.findall(content)}
    for line in content.splitlines():
        setting = _COMMENT.sub("", line)
        names = [name for name in _PATH.findall(setting) if not _SECRET.search(name) and not _FILLED_IN.search(name)]
        absent = [name for name in names if not _is_there(subject, name)]
        if _MAY_MISS.search(setting) or (_LIST.search(setting) and len(absent) < len(names)):
            continue
        yield from (name for name in absent if PurePosixPath(name) not in tested)


def _is_there(subject: Subject, name: str) -> bool:
    """Whether a file is there; of a pattern the folder, in which nothing has to be."""
    found = _PATTERN.search(name)
    return bool(subject.resolved(name[: found.start()].rpartition("/")[0] if found else name))
