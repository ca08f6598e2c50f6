"""Who this user is to a registry: what `buildah login`, `podman login` and `docker login` have written down.

Only read here, and only where a registry asks. No message and no repr holds a secret.
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from kollage import process
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError
from kollage.registry.reference import DOCKER_HUB, canonical

_SECONDS = 60.0  # for a helper, which may have to ask the user
_LOG_IN = "mend it, or remove it and log in again"
_AT_DOCKER_HUB = "https://index.docker.io/v1/"  # docker's own name for its hub
_TOKEN_USER = "<token>"  # noqa: S105 - a helper's word for "the secret is an identity token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user with a password, or an identity token."""

    source: str  # the file that it comes from, for messages
    user: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)


def find(host: str, repository: str, environ: Mapping[str, str], *, run: Path = Path("/run")) -> Credential | None:
    """Look a registry up in the files of all engines; the first that knows it wins.

    A file may know a namespace better than its host. Raises `UsageError` for a file or a helper that is broken.
    """
    for path in files(environ, run):
        found = _in_file(path, _facts(path), host, repository)
        if found:
            return found
    return None


def files(environ: Mapping[str, str], run: Path) -> list[Path]:
    """Every place for credentials, the first to look at first."""
    home = Path(environ["HOME"]) if environ.get("HOME") else None
    containers = "containers/auth.json"
    paths = [environ.get("REGISTRY_AUTH_FILE")]
    paths += [_below(environ.get("XDG_RUNTIME_DIR"), containers), _below(run, f"containers/{os.getuid()}/auth.json")]
    paths += [_below(environ.get("XDG_CONFIG_HOME") or (home and home / ".config"), containers)]
    paths += [_below(environ.get("DOCKER_CONFIG"), "config.json"), _below(home, ".docker/config.json")]
    return [Path(path) for path in paths if path]


def _below(folder: str | Path | None, name: str) -> str | None:
    return str(Path(folder, name)) if folder else None


def _in_file(path: Path, facts: Mapping[str, object], host: str, repository: str) -> Credential | None:
    helper = _helper(path, facts, host)
    found = _from_helper(path, helper, host) if helper else None
    if found:
        return found
    entries = _table(path, facts, "auths")
    keys = [key for key in _keys(host, repository) if key in entries]
    keys += [key for key in entries if _host_in(key) == host]
    return next(filter(None, (_entry(path, key, _table(path, entries, key)) for key in keys)), None)


def _host_in(key: str) -> str:
    """The host of a key that is an address, as docker writes them; "" for any other key."""
    scheme, _, rest = key.partition("://")
    return canonical(rest.partition("/")[0]) if scheme in {"http", "https"} else ""


def _keys(host: str, repository: str) -> Iterator[str]:
    """The repository, what it lies in, and at last the host."""
    names = ["docker.io", "index.docker.io"] if host == DOCKER_HUB else [host]
    parts = repository.split("/")
    for length in range(len(parts), -1, -1):
        yield from ("/".join([name, *parts[:length]]) for name in names)


def _entry(path: Path, key: str, entry: Mapping[str, object]) -> Credential | None:
    words = {name: _text(path, key, entry, name) for name in ("auth", "identitytoken", "username", "password")}
    user, password = _decoded(path, key, words["auth"]) if words["auth"] else (words["username"], words["password"])
    if not (password or words["identitytoken"]):  # docker leaves an empty entry where a helper keeps the secret
        return None
    return Credential(source=str(path), user=user, password=password, identity_token=words["identitytoken"])


def _decoded(path: Path, key: str, auth: str) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise UsageError(f"{path}: 'auth' of {key} is not user:password in base64", hint=_LOG_IN) from None
    return user, password.rstrip("\0")


def _helper(path: Path, facts: Mapping[str, object], host: str) -> str:
    """The name of the program that keeps the secrets of a host; "" where the file does it itself."""
    own = _table(path, facts, "credHelpers")
    keys = [_AT_DOCKER_HUB, "docker.io", "index.docker.io"] if host == DOCKER_HUB else [host]
    name = next((_text(path, "credHelpers", own, key) for key in keys if key in own), "")
    name = name or _text(path, "the file", facts, "credsStore")
    if name and not re.fullmatch(r"[\w.-]+", name):
        raise UsageError(f"{path}: '{name}' is no name of a credential helper", hint=_LOG_IN)
    return name


def _from_helper(path: Path, name: str, host: str) -> Credential | None:
    program = f"docker-credential-{name}"
    try:
        answer = process.run([program, "get"], stdin=_AT_DOCKER_HUB if host == DOCKER_HUB else host, timeout=_SECONDS)
    except CommandError as error:
        if any("credentials not found" in line for line in error.tail):
            return None
        raise _broken_helper(path, program, f"fails with status {error.code}", host) from None  # its words may tell
    except EngineError as error:
        raise _broken_helper(path, program, "cannot be started", host) from error
    return _of_answer(path, program, host, answer)


def _of_answer(path: Path, program: str, host: str, answer: str) -> Credential | None:
    try:
        facts = json.loads(answer)
        user, secret = str(facts["Username"]), str(facts["Secret"])
    except (ValueError, KeyError, TypeError):
        raise _broken_helper(path, program, "answers something else than a user and a secret", host) from None
    if not secret:
        return None
    if user == _TOKEN_USER:
        return Credential(source=str(path), identity_token=secret)
    return Credential(source=str(path), user=user, password=secret)


def _broken_helper(path: Path, program: str, what: str, host: str) -> UsageError:
    return UsageError(f"{path}: the credential helper {program} {what}", hint=f"try it: echo {host} | {program} get")


def _facts(path: Path) -> Mapping[str, object]:
    """Read a file; one that is not there or is empty says nothing."""
    try:
        text = path.read_text(encoding="utf-8")
        facts = json.loads(text) if text.strip() else {}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error
    except ValueError:  # not chained: the error would carry the text
        raise UsageError(f"{path} is not JSON", hint=_LOG_IN) from None
    if not isinstance(facts, dict):
        raise UsageError(f"{path} is not a JSON object", hint=_LOG_IN)
    return facts


def _table(path: Path, facts: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = facts.get(key) or {}
    if not isinstance(value, dict):
        raise UsageError(f"{path}: '{key}' is not an object", hint=_LOG_IN)
    return cast(Mapping[str, object], value)


def _text(path: Path, where: str, facts: Mapping[str, object], key: str) -> str:
    value = facts.get(key) or ""
    if not isinstance(value, str):
        raise UsageError(f"{path}: '{key}' of {where} is not a text", hint=_LOG_IN)
    return value
