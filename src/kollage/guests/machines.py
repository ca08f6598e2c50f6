"""Services in machines of their own, for those that need more of a kernel than a host may have loaded.

An image is the disk of such a machine. Nothing of the host's kernel is touched, and no rights over it are needed.
"""

import gzip
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from kollage import process
from kollage.engines.containers import PROCESSES, Service
from kollage.engines.looking import Opened
from kollage.errors import EngineError
from kollage.guests import Design, Guest, cpio
from kollage.guests.machine import DISK, VOLUME, Machine
from kollage.process import CommandError

FILES = Path(__file__).parent / "files"
_DRIVERS = ("virtio_blk", "virtio_console", "virtio_pci", "virtio_scsi", "sd_mod")  # of what every machine has
_CONFIGURATION, _IMAGE = "configuration", "image"  # folders of its first root file system
_SPARE = 512 << 20  # bytes that a service may write
_VOLUME = 64 << 20  # bytes
_PATIENCE = 60  # seconds that a machine may need for what takes no time
# the first process of the service's own namespaces notes its number outside, and becomes the service
_BEGIN = """\
{
    unshare -f -m -p setsid sh -c 'read -r pid rest </proc/self/stat
        echo "$pid" >/run/service
        mount -t proc proc /image/proc
        exec "$@"' sh %s </dev/null >/run/log 2>&1
    echo "$?" >/run/ended
} &
until [ -s /run/service ]; do sleep 0.1; done
"""
_END = """\
kill -TERM "$(cat /run/service)"
left=%d
until [ -s /run/ended ]; do
    left=$((left - 1))
    [ "$left" -ne 0 ] || kill -KILL "$(cat /run/service)"
    sleep 0.1
done
"""
_TENTHS = 10  # of a second, which `_END` counts


def design(modules: Sequence[str]) -> Design:
    """A machine that an image is the disk of, with modules of the kernel."""
    init = ((FILES / "init").read_bytes(), 0o755)
    return Design(modules=(*_DRIVERS, *modules), files={"init": init}, folders=(_IMAGE, _CONFIGURATION))


@dataclass(frozen=True, slots=True)
class _Started:
    machine: Machine
    environment: Mapping[str, str]

    def status(self) -> int | None:
        """How its service ended; None while that runs."""
        said = self.machine.ask("[ ! -s /run/ended ] || cat /run/ended").strip()
        return int(said) if said else None

    def log(self) -> list[str]:
        return self.machine.ask("cat /run/log").splitlines()


@dataclass(frozen=True, slots=True)
class Machines:
    """Runs the service of an open image as containers run it, each time in a machine of its own.

    The methods are those of `Containers` that an image is verified with, and raise the same, or `EngineError` where a
    machine fails.
    """

    opened: Opened
    guest: Guest
    arch: str
    folder: Path  # for the files of its machines
    _started: dict[str, _Started] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self, service: Service) -> str:
        """Start the service and give its machine's name."""
        if user := self.opened.configuration.get("User"):
            raise EngineError(f"in a machine of its own a service runs as root, and this one as {user}")
        name = f"machine-{next(self._numbers)}"
        environment = {**_variables(self.opened), **service.environment}
        machine = Machine(self._furnished(service, self.folder / name), self.arch, self.folder / name)
        self._started[name] = _Started(machine, environment)
        command = [*_words(self.opened, "Entrypoint"), *_words(self.opened, "Cmd")]
        machine.ask(_BEGIN % shlex.join([*_inside(environment), *command]))
        return name

    def call(self, container: str, command: Sequence[str]) -> str:
        """Run a command where the service runs, and give what it printed."""
        started = self._started[container]
        words = shlex.join([*_inside(started.environment), *command])
        try:
            return started.machine.ask(f'exec nsenter -t "$(cat /run/service)" -m -p {words}')
        except CommandError as error:  # how it got there helps nobody
            raise CommandError(command, error.code, error.tail) from None

    def is_running(self, container: str) -> bool:
        """Whether the service has not ended."""
        return self._started[container].status() is None

    def stop(self, container: str, seconds: int) -> int:
        """Ask the service to end, kill it when the time is over, and give its exit status."""
        started = self._started[container]
        started.machine.ask(_END % (seconds * _TENTHS), seconds=2 * seconds + _PATIENCE)
        return started.status() or 0

    def logs(self, container: str) -> list[str]:
        """What the service has printed."""
        return self._started[container].log()

    def processes(self, container: str) -> list[str]:
        """The service's processes: the line of /proc/PID/stat of each."""
        return self.call(container, PROCESSES).splitlines()

    def remove(self, containers: Iterable[str], volumes: Iterable[str]) -> None:  # noqa: ARG002
        """End machines, whatever runs in them; one that is gone already is fine."""
        for name in containers:
            if started := self._started.pop(name, None):
                started.machine.close()
                shutil.rmtree(self.folder / name)

    def _furnished(self, service: Service, folder: Path) -> Guest:
        """Fill the folder of a machine: its disks, and a ramdisk that has the service's configuration, too."""
        folder.mkdir(parents=True)
        _disk(self.opened.root, folder / DISK)
        with (folder / VOLUME).open("wb") as file:
            file.truncate(_VOLUME)
        configured = gzip.compress(cpio.archive(_configuration(service.configuration)))
        (folder / "ramdisk").write_bytes(self.guest.ramdisk.read_bytes() + configured)
        return replace(self.guest, ramdisk=folder / "ramdisk")


def _disk(root: Path, file: Path) -> None:
    """Make a file system of a folder's files, owners and modes, with room for what a service writes."""
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    command = ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", str(root), str(file)]
    process.run([*command, f"{(2 * size + _SPARE) >> 10}k"])


def _configuration(folder: Path) -> Iterator[cpio.Entry]:
    for path in sorted(folder.iterdir()):
        yield cpio.file(f"{_CONFIGURATION}/{path.name}", path.read_bytes())


def _inside(environment: Mapping[str, str]) -> list[str]:
    """The words before a command of the image; `env` is the image's, for busybox takes its own commands for it."""
    return ["chroot", f"/{_IMAGE}", "/usr/bin/env", "-i", *(f"{name}={value}" for name, value in environment.items())]


def _variables(opened: Opened) -> Mapping[str, str]:
    pairs = (each.partition("=") for each in _words(opened, "Env"))
    return {name: value for name, _, value in pairs}


def _words(opened: Opened, name: str) -> Sequence[str]:
    """A list of an image's configuration, which may have none."""
    found = opened.configuration.get(name) or ()
    return [str(each) for each in found] if isinstance(found, list) else []
