"""What this machine has that a cloud needs: looked at, never assumed."""

import fcntl
import ipaddress
import os
import platform
import shutil
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path

_PROC, _KVM, _TUN = Path("/proc"), Path("/dev/kvm"), Path("/dev/net/tun")
_KVM_CREATE_VM = 0xAE01
_KVM_MODULES = ("kvm_intel", "kvm_amd")
_TUNSETIFF, _TUNSETPERSIST, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x400454CB, 0x0002, 0x1000  # linux/if_tun.h
_LISTENING = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine, as far as a cloud depends on it."""

    name: str
    memory: int  # bytes that are free for new programs
    disk: int  # bytes that are free where the engine keeps what containers write
    kvm: bool  # whether it runs virtual machines on its processors
    openvswitch: bool  # whether its kernel switches for Open vSwitch
    limits: tuple[str, ...] = ()  # of what a container may have, as name=soft:hard
    listening: Mapping[int, str] = field(default_factory=dict)  # port -> the program behind it, "" if unknown
    networks: tuple[IPv4Network, ...] = ()  # that it has a way to
    root: bool = True


def look(limits: tuple[str, ...], store: Path) -> Host:
    """Look at this machine. `store` is a folder on the disk that the engine keeps its things on."""
    return Host(
        name=socket.gethostname(),
        memory=_available(),
        disk=shutil.disk_usage(next(each for each in (store, *store.parents) if each.exists())).free,
        kvm=_runs_machines(),
        openvswitch=_has_module("openvswitch"),
        limits=limits,
        listening=dict(_listening()),
        networks=tuple(_networks()),
        root=os.geteuid() == 0,
    )


def remove_left(interface: str) -> bool:
    """Remove a tap that a killed program left on this machine; False where there is none, or a program holds it."""
    if not Path("/sys/class/net", interface, "tun_flags").exists():
        return False
    with _TUN.open("rb", buffering=0) as device:
        try:
            fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH14x", interface.encode("ascii"), _IFF_TAP | _IFF_NO_PI))
        except OSError:  # it is busy
            return False
        fcntl.ioctl(device, _TUNSETPERSIST, 0)  # it goes with its last holder, which this is
    return True


def _available() -> int:
    lines = (_PROC / "meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def _runs_machines() -> bool:
    """Whether a virtual machine can be made, and will run.

    The device alone may be there and do nothing. Inside of some virtual machines it makes others that run no ordinary
    kernel; what runs one has the module of a processor's maker, where there are such modules.
    """
    if platform.machine() == "x86_64" and not any(Path("/sys/module", name).exists() for name in _KVM_MODULES):
        return False
    try:
        device = os.open(_KVM, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.close(fcntl.ioctl(device, _KVM_CREATE_VM, 0))
    except OSError:
        return False
    finally:
        os.close(device)
    return True


def _has_module(name: str) -> bool:
    """Whether the kernel has a module: loaded, built in, or there to be loaded."""
    if Path("/sys/module", name).exists():
        return True
    folder = Path("/lib/modules", platform.release())
    for file in ("modules.builtin", "modules.dep"):
        with suppress(OSError):
            if f"/{name}.ko" in (folder / file).read_text(encoding="utf-8"):
                return True
    return False


def _listening() -> Iterator[tuple[int, str]]:
    """Every port of TCP that something listens on, with the program where that can be seen."""
    rows = [line.split() for table in ("tcp", "tcp6") for line in _lines(_PROC / "net" / table)]
    listening = [(words[1], words[9]) for words in rows if words[3] == _LISTENING]
    programs = _sockets() if listening else {}
    for place, inode in listening:
        yield int(place.rpartition(":")[2], 16), programs.get(inode, "")


def _lines(table: Path) -> list[str]:
    """The rows of a table of the kernel, without its head; none where there is no such table."""
    try:
        return table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []


def _sockets() -> Mapping[str, str]:
    """The program behind each socket, by its inode, as far as this user may look."""
    found: dict[str, str] = {}
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
            found |= dict.fromkeys(_inodes(folder / "fd"), f"{name} (process {folder.name})")
    return found


def _inodes(descriptors: Path) -> Iterator[str]:
    for link in descriptors.iterdir():
        with suppress(OSError):  # it may be closed meanwhile
            target = str(link.readlink())
            if target.startswith("socket:["):
                yield target[8:-1]


def _networks() -> Iterator[IPv4Network]:
    """The networks of the table of routes; the way to everywhere is none."""
    for line in _lines(_PROC / "net" / "route"):
        words = line.split()
        address, mask = (ipaddress.IPv4Address(int.from_bytes(bytes.fromhex(words[n]), "little")) for n in (1, 7))
        if int(mask):
            yield IPv4Network(f"{address}/{mask}", strict=False)
