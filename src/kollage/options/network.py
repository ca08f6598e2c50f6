"""The network as this machine has it: proxies and package indexes, as variables for the tools in a build.

uv and pip are both served: images are built with uv, and an operator's template may call pip.
"""

import configparser
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kollage.errors import UsageError

_PROXIES = tuple(
    name for scheme in ("http", "https", "no", "ftp", "all") for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """One thing that uv and pip both know, and its names."""

    uv: tuple[str, ...]  # variables, the current one first
    pip: str  # the variable
    key: str  # in a configuration file of pip or uv
    setting: str  # in Kolla's configuration file
    urls: bool = True


_INDEXES = (
    _Index(uv=("UV_DEFAULT_INDEX", "UV_INDEX_URL"), pip="PIP_INDEX_URL", key="index-url", setting="pip_index_url"),
    _Index(
        uv=("UV_INDEX", "UV_EXTRA_INDEX_URL"),
        pip="PIP_EXTRA_INDEX_URL",
        key="extra-index-url",
        setting="pip_extra_index_url",
    ),
    _Index(
        uv=("UV_INSECURE_HOST",),
        pip="PIP_TRUSTED_HOST",
        key="trusted-host",
        setting="pip_trusted_host",
        urls=False,
    ),
)


def network(environ: Mapping[str, str], *, etc: Path, said: Mapping[str, str]) -> dict[str, str]:
    """Collect the variables for a build.

    What Kolla's file says wins, then the environment, then uv's own files, then pip's.
    """
    found = {name: environ[name] for name in _PROXIES if environ.get(name)}
    uv_file, pip_file = _uv_settings(environ, etc), _pip_settings(environ, etc)
    for index in _INDEXES:
        uv = [environ.get(name, "") for name in index.uv]
        pip = environ.get(index.pip, "")
        files = [uv_file.get(index.key, ""), pip_file.get(index.key, "")]
        chosen = said.get(index.setting, "")
        found |= _first(index.uv[0], index, [chosen, *uv, pip, *files])
        found |= _first(index.pip, index, [chosen, pip, *map(_without_names, uv), *files])
    return found


def _first(name: str, index: _Index, candidates: Iterable[str]) -> dict[str, str]:
    usable = (_reachable(each) if index.urls else each for each in candidates)
    value = next(filter(None, usable), "")
    return {name: value} if value else {}


def _reachable(indexes: str) -> str:
    # a path or a file:// index is a folder of this machine, and a build sees none of its folders
    return " ".join(each for each in indexes.split() if re.match(r"(?:[\w.-]+=)?https?://", each))


def _without_names(indexes: str) -> str:
    # uv lets an index have a name, `name=url`; pip does not
    return " ".join(re.sub(r"^[\w.-]+=(?=https?://)", "", each) for each in indexes.split())


def _pip_settings(environ: Mapping[str, str], etc: Path) -> dict[str, str]:
    """Read the section `[global]` of pip's files, as pip merges them."""
    if environ.get("PIP_CONFIG_FILE") == os.devnull:  # how pip is told to read none
        return {}
    home = environ.get("HOME")
    folders = [folder / "pip" for folder in reversed(_shared_folders(environ, etc))]
    files = [*(folder / "pip.conf" for folder in folders), etc / "pip.conf"]
    files += [Path(home) / ".pip/pip.conf"] if home else []
    files += [folder / "pip/pip.conf" for folder in _own_folder(environ)]
    files += [Path(environ["PIP_CONFIG_FILE"])] if environ.get("PIP_CONFIG_FILE") else []
    found: dict[str, str] = {}
    for path in files:
        found |= _pip_file(path)
    return found


def _pip_file(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise UsageError(
            f"pip's configuration {path} cannot be understood: {_one_line(error)}",
            hint="mend it, or set PIP_CONFIG_FILE to another",
        ) from error
    section = parser["global"] if parser.has_section("global") else {}
    return {key.lower().replace("_", "-"): " ".join(value.split()) for key, value in section.items()}


def _uv_settings(environ: Mapping[str, str], etc: Path) -> dict[str, str]:
    """Read the indexes of uv's files, under pip's names; the user's file wins over the machine's."""
    if environ.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes", "on"):
        return {}
    if environ.get("UV_CONFIG_FILE"):
        return _uv_file(Path(environ["UV_CONFIG_FILE"]))
    folders = [*reversed([*_shared_folders(environ, etc), etc]), *_own_folder(environ)]
    found: dict[str, str] = {}
    for folder in folders:
        found |= _uv_file(folder / "uv/uv.toml")
    return found


def _uv_file(path: Path) -> dict[str, str]:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:  # not there, or not ours to read: uv would not read it either
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"uv's configuration {path} cannot be understood: {_one_line(error)}",
            hint="mend it, or set UV_CONFIG_FILE to another",
        ) from error
    indexes = [index for index in _array(facts, "index") if isinstance(index, dict) and "url" in index]
    default = [str(index["url"]) for index in indexes if index.get("default")]
    # an explicit index serves only the packages that a project pins to it
    extra = [str(index["url"]) for index in indexes if not index.get("default") and not index.get("explicit")]
    extra += [str(url) for url in _array(facts, "extra-index-url")]
    values = {
        "index-url": (default or [str(facts.get("index-url", ""))])[0],
        "extra-index-url": " ".join(extra),
    }
    return {key: value for key, value in values.items() if value}


def _array(facts: Mapping[str, object], key: str) -> list[object]:
    found = facts.get(key)  # what has another type is for uv to complain about
    return found if isinstance(found, list) else []


def _own_folder(environ: Mapping[str, str]) -> list[Path]:
    if environ.get("XDG_CONFIG_HOME"):
        return [Path(environ["XDG_CONFIG_HOME"])]
    return [Path(environ["HOME"]) / ".config"] if environ.get("HOME") else []


def _shared_folders(environ: Mapping[str, str], etc: Path) -> list[Path]:
    named = [Path(each) for each in environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep) if each]
    return named or [etc / "xdg"]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
