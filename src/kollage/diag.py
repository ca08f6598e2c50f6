"""One page about this machine for a bug report: what a build depends on, as far as it can be found out.

A fact that is missing is called so and stops nothing. Of proxies, indexes and registries only hosts are shown, and
what looks like a secret in the environment is taken out wherever else it may stand.
"""

import os
import platform
import pwd
import re
import resource
import shlex
import shutil
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from kollage import __version__, engines, registry
from kollage.addresses import public
from kollage.engines import Engine
from kollage.errors import Interrupted, KollageError, SourceError
from kollage.options import Options, configfile
from kollage.process import CommandError
from kollage.render import reference
from kollage.report import json_text
from kollage.report.events import clean, size
from kollage.sources.download import AbsentError, network_of, read_page

Facts = Mapping[str, str]
T = TypeVar("T")

_ENGINES = ("buildah", "podman", "docker")
_LIBRARIES = ("jinja2", "oslo.config", "packaging", "requests", "rich", "uv")
_SECONDS = 5.0  # that a server has to answer
_LONGEST = 300  # characters of a reason
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASS|CREDENTIAL|AUTH|KEY", re.IGNORECASE)
_LOGINS = tuple(
    re.compile(rf"(?:^|[\s=,]|://)[^\s:/@]*:({password})@")  # of user:password@host; which @ ends it is a guess
    for password in (r"[^\s@]+", r"\S+")
)
_SHORTEST = 4  # characters of a secret: taking out anything shorter would tell more than it hides


def page(options: Options, *, root: Path = Path("/")) -> str:
    """Write everything that is known, as text or JSON. `root` is where /etc, /proc and /sys are."""
    facts = {
        "kollage": _program(),
        "machine": _machine(root),
        "user": _user(root),
        "engines": _engines(options),
        "folders": _folders(options),
        "network": _network(options),
        "configuration": _configuration(options, root),
    }
    secrets = _secrets(options)
    shown = {title: {name: _shown(fact, secrets) for name, fact in rows.items()} for title, rows in facts.items()}
    return json_text(shown) if options.format == "json" else _text(shown)


def _text(facts: Mapping[str, Facts]) -> str:
    width = max(len(name) for rows in facts.values() for name in rows)
    parts = [
        "\n".join([title, *(f"  {name:{width}}  {fact}" for name, fact in rows.items())])
        for title, rows in facts.items()
    ]
    return "\n\n".join(parts) + "\n"


def _known(ask: Callable[..., T], *about: object) -> T | str:
    """The answer to a question, or why there is none."""
    try:
        return ask(*about)
    except Interrupted:
        raise
    except CommandError as error:
        return f"unknown: {' '.join(error.tail[-3:]) or error.message}"
    except KollageError as error:
        return f"unknown: {error.message}"
    except (OSError, ValueError, LookupError) as error:
        return f"unknown: {getattr(error, 'strerror', None) or error}"


# --- this program, this machine, this user ---


def _program() -> Facts:
    versions = {name: _known(_library, name) for name in _LIBRARIES}
    return {
        "version": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "libraries": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def _library(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError as error:
        raise LookupError("not installed") from error


def _machine(root: Path) -> Facts:
    return {
        "system": platform.platform(),
        "architecture": platform.machine(),
        "distribution": _known(_distribution, root / "etc/os-release"),
        "processors": f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}",
        "memory": _known(_memory, root / "proc/meminfo"),
        "cgroups": _cgroups(root / "sys/fs/cgroup"),
        "open files": _limit(resource.RLIMIT_NOFILE),
        "processes": _limit(resource.RLIMIT_NPROC),
    }


def _distribution(path: Path) -> str:
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    found = {name: " ".join(shlex.split(value)) for name, _, value in pairs if name in {"PRETTY_NAME", "ID"}}
    return found.get("PRETTY_NAME") or found["ID"]


def _memory(path: Path) -> str:
    pairs = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    found = {name: int(value.split()[0]) * 1024 for name, _, value in pairs if name in {"MemTotal", "MemAvailable"}}
    return f"{size(found['MemTotal'])}, {size(found['MemAvailable'])} available"


def _cgroups(folder: Path) -> str:
    if (folder / "cgroup.controllers").exists():
        return "version 2"
    return "version 1" if folder.is_dir() and any(folder.iterdir()) else "none to be seen"


def _limit(what: int) -> str:
    soft, hard = ("unlimited" if each == resource.RLIM_INFINITY else str(each) for each in resource.getrlimit(what))
    return f"{soft}, may be raised to {hard}"


def _user(root: Path) -> Facts:
    kernel = root / "proc/sys"
    uid = os.geteuid()
    facts = {
        "user": "root" if uid == 0 else f"not root (uid {uid})",
        "user namespaces": _known(lambda: _first_line(kernel / "user/max_user_namespaces") + " at most"),
    }
    switch = kernel / "kernel/unprivileged_userns_clone"  # of Debian's kernel alone
    if switch.exists():
        facts["namespaces of users"] = _known(lambda: "allowed" if _first_line(switch) != "0" else "forbidden")
    if uid:
        for name in ("subuid", "subgid"):
            facts[name] = _known(_ranges, root / "etc" / name, uid)
    return facts


def _ranges(path: Path, uid: int) -> str:
    """The ranges that a file such as /etc/subuid gives to a user, by number or by name."""
    lines = [line.split(":") for line in path.read_text(encoding="utf-8").splitlines()]
    owners = {str(uid), _known(lambda: pwd.getpwuid(uid).pw_name)}
    return ", ".join(f"{line[2]} from {line[1]}" for line in lines if line[0] in owners and len(line) == 3) or "none"


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].strip()


# --- engines and folders ---


def _engines(options: Options) -> Facts:
    facts = {"asked for": options.engine}
    for name in _ENGINES:
        facts |= _engine(replace(options, engine=name))
    return facts


def _engine(options: Options) -> Facts:
    name = options.engine
    engine = _known(engines.engine_for, options)
    if isinstance(engine, str):
        return {name: engine.removeprefix("unknown: ")}
    about = _known(engine.about)
    more = {"more": about} if isinstance(about, str) else about
    return {
        name: _known(engine.version),
        **{f"{name}, {what}": fact for what, fact in more.items() if what != "version"},
        f"{name}, free": _known(_free, engine),  # says why, where an engine has a version and works for nobody
    }


def _free(engine: Engine) -> str:
    return size(engine.free_bytes())


def _folders(options: Options) -> Facts:
    named = {"cache": options.cache_dir, "contexts": options.work_dir, "logs": options.logs_dir}
    return {name: f"{path} ({_known(_room, path)})" for name, path in named.items() if path}


def _room(path: Path) -> str:
    """How much room a folder has; one that is not there yet has that of the folder it will be made in."""
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    writable = "" if os.access(there, os.W_OK) else ", not writable"
    return f"{size(shutil.disk_usage(there).free)} free{writable}" + ("" if there == path else ", not there yet")


# --- the network ---


def _network(options: Options) -> Facts:
    network = network_of(options.network, options.ca_bundle)
    return {
        **{name: _hosts(name, value) for name, value in options.network.items()},
        "authorities": _known(_authorities, options.ca_bundle),
        "package index": f"{_host(network.index_url)}: {_known(_index_answer, options)}",
        "registry": f"{_host(options.registry)}: {_known(_registry_answer, options)}"
        if options.registry
        else "none named",
    }


def _hosts(name: str, value: str) -> str:
    """The hosts of a variable. A proxy is one address, whatever its password has in it; the others are lists."""
    if name.lower() == "no_proxy":
        return ", ".join(word.strip().rpartition("@")[2] for word in value.split(","))
    return _host(value) if name.lower().endswith("_proxy") else ", ".join(map(_host, value.split()))


def _host(address: str) -> str:
    """The host of an address with its port: what stands behind the user and before the path, and nothing of both.

    A password may hold any character, so all up to the last @ is left out.
    """
    place = re.sub(r"(?i)^(?:[\w.-]+=)?[a-z][a-z0-9+.-]*://", "", address).rpartition("@")[2]
    found = re.match(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]*)(?::\d+(?!\w))?", place)
    return found[0] if found else ""


def _authorities(bundle: Path | None) -> str:
    if not bundle:
        return "those of the machine"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    ends = [ssl.cert_time_to_seconds(str(each["notAfter"])) for each in context.get_ca_certs()]
    if not ends:
        return f"{bundle}: no certificate of an authority"
    day = time.strftime("%Y-%m-%d", time.gmtime(min(ends)))
    expired = f", {gone} expired" if (gone := sum(end < time.time() for end in ends)) else ""
    return f"{bundle}: {len(ends)} certificates, the first ends {day}{expired}"


def _index_answer(options: Options) -> str:
    network = replace(network_of(options.network, options.ca_bundle), pauses=(), timeouts=(_SECONDS, _SECONDS))
    address = f"{network.index_url.rstrip('/')}/kollage/"
    try:
        with suppress(AbsentError):  # it is there, and has other projects
            read_page(address, network, accept="text/html")
    except SourceError as error:
        return error.message.replace(public(address), "it")  # a token may stand in the path
    return "answers"


def _registry_answer(options: Options) -> str:
    client = registry.client_of(replace(options, timeout=int(_SECONDS)))
    client.published(reference("base", options))
    return "answers"


# --- configuration and secrets ---


def _configuration(options: Options, root: Path) -> Facts:
    return {"found without --config-file": _known(_files, options, root)}


def _files(options: Options, root: Path) -> str:
    files, _ = configfile.chosen_files([], options.environ, root / "etc")
    return ", ".join(map(str, files)) or "none"


def _secrets(options: Options) -> list[str]:
    """What no page may hold, the longest first: one secret may contain another."""
    environ = {**options.environ, **options.network}
    found = {value for name, value in environ.items() if _SECRET_NAME.search(name)}
    # an address may have a secret in any of its parts
    found |= {word for text in environ.values() for word in (text, *text.split()) if re.search("://|@", word)}
    places = (*environ.values(), *options.build_args.values(), options.registry, options.podman_base_url)
    found |= {password for text in places for login in _LOGINS for password in login.findall(text)}
    return sorted((secret for secret in found if len(secret) >= _SHORTEST), key=len, reverse=True)


def _shown(fact: str, secrets: list[str]) -> str:
    for secret in secrets:
        fact = fact.replace(secret, "***")
    return " ".join(clean(public(fact)).split())[:_LONGEST]
