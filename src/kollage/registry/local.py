"""A registry on this machine for tests and small clouds: Debian's program, with a configuration of ours.

It keeps everything in one folder: images, configuration, log and the number of its process. What is ended is the
process with that number if it is that program with that configuration, and never another one.
"""

import errno
import fcntl
import ipaddress
import json
import os
import select
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kollage import process
from kollage.errors import EngineError, RegistryError, UsageError
from kollage.options import Options
from kollage.process import CommandError
from kollage.registry.loopback import listens

_PROGRAMS = ("docker-registry", "registry")
_PATIENCE = 30.0  # seconds for it to begin or to end
_LOOK = 0.1  # seconds between two looks whether it has begun
_LOG_LINES = 5
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask who listens on all addresses


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder of a registry."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    @property
    def log(self) -> Path:
        return self.root / "registry.log"

    @property
    def number(self) -> Path:
        return self.root / "registry.pid"

    def running(self) -> int | None:
        """The process that serves this folder."""
        try:
            pid = int(self.number.read_text(encoding="utf-8"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        except (OSError, ValueError):
            return None
        ours = len(words) > 1 and Path(words[0]).name in _PROGRAMS and words[-1] == str(self.config)
        return pid if ours else None

    def listens_on(self) -> str:
        """The address that was given to it."""
        try:
            return str(json.loads(self.config.read_text(encoding="utf-8"))["http"]["addr"])
        except (OSError, ValueError, KeyError, TypeError):  # somebody changed it since
            return "an address of its own"


def start(options: Options) -> str:
    """Start the registry, or find that it runs, and say where."""
    place = _place(options)
    address = _address(options)
    with _locked(place):
        if place.running():
            return f"a registry runs already on {place.listens_on()}; its images are in {place.root}"
        program = _program(options)
        _check_free(options)
        _write_config(place, address)
        pid = process.start_detached([program, "serve", str(place.config)], place.log, env=_environ(options))
        place.number.write_text(f"{pid}\n", encoding="utf-8")
        _await(place, pid, options)
    return f"a registry listens on {address}; its images are in {place.root}{_warning(options)}"


def stop(options: Options) -> str:
    """Stop the registry of the folder and say so; where none runs, say that."""
    place = _place(options)
    none = f"no registry runs with images in {place.root}"
    if not place.root.is_dir():
        return none
    with _locked(place):
        pid = place.running()
        address = place.listens_on() if pid and _end(place, pid) else ""
        place.number.unlink(missing_ok=True)
    if not address:
        return none
    return f"the registry on {address} has ended; its images stay in {place.root}"


def _place(options: Options) -> _Place:
    return _Place((options.data_dir or options.cache_dir / "registry").expanduser().resolve())


def _address(options: Options) -> str:
    try:
        version = ipaddress.ip_address(options.listen).version
    except ValueError as error:
        raise UsageError(f"'{options.listen}' is no address", hint="such as 127.0.0.1") from error
    return f"[{options.listen}]:{options.port}" if version == 6 else f"{options.listen}:{options.port}"


def _warning(options: Options) -> str:
    if ipaddress.ip_address(options.listen).is_loopback:
        return ""
    return "\nIt asks for no password and uses no encryption: everybody who can reach this address can push."


def _program(options: Options) -> str:
    """Find the program; another `registry` is told apart by what it says of its version."""
    for name in _PROGRAMS:
        program = shutil.which(name, path=options.environ.get("PATH"))
        if program and _is_distribution(program):
            return program
    raise EngineError("no program for a registry is installed", hint="install the package docker-registry")


def _is_distribution(program: str) -> bool:
    try:
        return "distribution" in process.run([program, "--version"], timeout=_PATIENCE)
    except CommandError:
        return False


def _check_free(options: Options) -> None:
    """Refuse an address that cannot be listened on, before anything is written."""
    family = socket.AF_INET6 if ":" in options.listen else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have ended do not count
        try:
            probe.bind((options.listen, options.port))
        except (OSError, OverflowError) as error:
            used = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "something else listens there" if used else getattr(error, "strerror", None) or str(error)
            hint = "choose another with --port" if used else "choose others with --listen and --port"
            raise UsageError(f"a registry cannot listen on {_address(options)}: {reason}", hint=hint) from error


def _write_config(place: _Place, address: str) -> None:
    facts = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(place.root / "images")}, "delete": {"enabled": True}},
        "http": {"addr": address},
    }
    place.config.unlink(missing_ok=True)
    place.config.touch(mode=0o600)
    place.config.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")  # which is YAML, too


def _environ(options: Options) -> dict[str, str]:
    """The program takes variables for settings: REGISTRY_AUTH_FILE, an engine's, would be taken for one of them."""
    kept = {name: value for name, value in options.environ.items() if not name.startswith("REGISTRY_")}
    return {**kept, "OTEL_TRACES_EXPORTER": "none"}


def _await(place: _Place, pid: int, options: Options) -> None:
    """Wait until our child takes connections; end it where it does not come to that."""
    name = _ANYWHERE.get(options.listen, options.listen)
    for _ in range(round(_PATIENCE / _LOOK)):
        if os.waitpid(pid, os.WNOHANG)[0]:
            break
        if listens(name, options.port):
            return
        process.pause(_LOOK)
    else:
        _end(place, pid)
    place.number.unlink(missing_ok=True)
    last = place.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    raise EngineError(
        "the registry did not begin" + "".join(f"\n    {line}" for line in last), hint=f"its log is {place.log}"
    )


def _end(place: _Place, pid: int) -> bool:
    """End a process, kindly first, and say whether it was still there; its handle cannot come to mean another one."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if place.running() != pid:
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], _PATIENCE)[0]:
                return True
        raise RegistryError(f"the registry, process {pid}, does not end")
    except PermissionError as error:
        raise UsageError(
            f"the registry, process {pid}, belongs to another user", hint="stop it as that user"
        ) from error
    finally:
        os.close(handle)


@contextmanager
def _locked(place: _Place) -> Iterator[None]:
    """Let one command at a time start or stop the registry of a folder, and say what the folder does not allow."""
    try:
        place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (place.root / "lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise UsageError(
            f"{place.root} cannot hold a registry: {error.strerror}", hint="name another folder with --data-dir"
        ) from error
