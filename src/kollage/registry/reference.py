"""The name of an image taken apart as docker does it: on which host, what it is called there, and which one it is."""

import re
from dataclasses import dataclass

from kollage.errors import UsageError

DOCKER_HUB = "docker.io"

_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_WORD = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_WORD}(?:/{_WORD})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{32,128}")
_PORTS = 65_536
_ALSO_DOCKER_HUB = frozenset(("index.docker.io", "registry-1.docker.io"))


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one image is published."""

    host: str  # with its port, where the name has one
    repository: str
    tag: str = "latest"  # or a digest, which has a colon in it

    def __str__(self) -> str:
        return f"{self.host}/{self.repository}{'@' if ':' in self.tag else ':'}{self.tag}"


def parse(text: str) -> Reference:
    """Take the name of an image apart; without a registry it is one of docker.io. Raises `UsageError`."""
    name, _, digest = text.partition("@")
    if ":" in name.rpartition("/")[2]:
        name, _, tag = name.rpartition(":")
    else:
        tag = "latest"
    host, repository = _place(name)
    named = is_host(host) and _REPOSITORY.fullmatch(repository) and _TAG.fullmatch(tag)
    if not named or ("@" in text and not _DIGEST.fullmatch(digest)):
        raise UsageError(
            f"'{text}' is no name of an image", hint="write host:port/path/name:tag, path and name in lower case"
        )
    return Reference(host, repository, digest or tag)


def split(reference: str) -> tuple[str, str, str]:
    """Give host, repository and tag of an image's name."""
    parsed = parse(reference)
    return parsed.host, parsed.repository, parsed.tag


def is_host(text: str) -> bool:
    """Whether a text is `host` or `host:port`."""
    match = _HOST.fullmatch(text)
    return match is not None and int(match.group(1) or 0) < _PORTS


def canonical(host: str) -> str:
    """The one name for a host that has several."""
    return DOCKER_HUB if host in _ALSO_DOCKER_HUB else host


def _place(name: str) -> tuple[str, str]:
    """Tell host and repository apart: only a host has a dot or a colon, or is called localhost."""
    first, slash, rest = name.partition("/")
    if not slash or not (first == "localhost" or re.search(r"[.:A-Z]", first)):
        first, rest = DOCKER_HUB, name
    host = canonical(first)
    official = host == DOCKER_HUB and "/" not in rest
    return host, f"library/{rest}" if official else rest
