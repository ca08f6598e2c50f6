"""A machine that QEMU emulates, and the line to its first process."""

import os
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from kollage import process
from kollage.errors import EngineError
from kollage.guests import Guest
from kollage.process import CommandError

_BOOTS = 300.0  # seconds that an emulated machine may take on a host that does much else
_ANSWERS = 120.0  # seconds that a command in it may take
DISK, VOLUME = "disk", "volume"  # files of a machine's folder: its own disk, and another one that two paths lead to
_LINE, _MONITOR = "line", "monitor"
_MEMORY = 512  # MB
_BOARDS = {"x86_64": ("qemu-system-x86_64", "-machine", "q35"), "aarch64": ("qemu-system-aarch64", "-machine", "virt")}


class Machine:
    """A machine that runs until it is closed, and not longer than the process that has booted it."""

    def __init__(self, guest: Guest, arch: str, folder: Path) -> None:
        """Boot it with the disks that a folder has; its console and its sockets come there, too.

        Raises `EngineError` where it does not come up.
        """
        self._console = folder / "console"
        self._stack = ExitStack()
        try:
            self._line, self._over = self._boot(_command(guest, arch), folder)
            self.ask("true", seconds=_BOOTS)
        except BaseException:
            self.close()
            raise

    def ask(self, script: str, *, seconds: float = _ANSWERS) -> str:
        """Run a script of its own shell and give what it printed on both streams; a `CommandError` if it fails."""
        self._line.settimeout(seconds)
        try:
            self._line.sendall(b64encode(script.encode()) + b"\n")
            status, _, answer = self._answer().partition(b" ")
        except OSError as error:
            raise EngineError(f"an emulated machine does not answer: {error}{self._said()}") from error
        printed = b64decode(answer).decode("utf-8", "replace")
        if int(status):
            raise CommandError(["sh", "-c", script], int(status), printed.splitlines())
        return printed

    def close(self) -> None:
        """End it at once, as if the power went."""
        self._stack.close()

    def _boot(self, command: list[str], folder: Path) -> tuple[socket.socket, Callable[[], str]]:
        line, monitor = (self._stack.enter_context(_listening(folder / name)) for name in (_LINE, _MONITOR))

        def emulate() -> str:
            try:
                return process.run(command, cwd=folder)
            finally:  # whoever waits for it to connect need not wait any longer
                for end in (line, monitor):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

        over = self._stack.enter_context(process.meanwhile(emulate))
        try:
            connected = [self._stack.enter_context(closing(end.accept()[0])) for end in (line, monitor)]
        except OSError as error:
            over()  # raises what is wrong with it
            raise EngineError(f"an emulated machine ended before it began{self._said()}") from error
        self._stack.callback(_quit, connected[1])
        return connected[0], over

    def _answer(self) -> bytes:
        """Read a line, which came whole; raises what ended the emulator where that has ended."""
        read = bytearray()
        while not read.endswith(b"\n"):
            if not (more := self._line.recv(1 << 16)):
                self._over()
                raise EngineError(f"an emulated machine has ended{self._said()}")
            read += more
        return bytes(read)

    def _said(self) -> str:
        """The last words on its console, for a message."""
        with suppress(OSError):
            lines = self._console.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            return "".join(f"\n    {line}" for line in lines)
        return ""


def _listening(path: Path) -> socket.socket:
    """A socket that the emulator connects to."""
    end = socket.socket(socket.AF_UNIX)
    folder = os.open(path.parent, os.O_PATH)
    try:
        end.bind(f"/proc/self/fd/{folder}/{path.name}")  # the name of a socket may not be long
    finally:
        os.close(folder)
    end.listen(1)
    return end


def _quit(monitor: socket.socket) -> None:
    with suppress(OSError):
        monitor.sendall(b"quit\n")


def _command(guest: Guest, arch: str) -> list[str]:
    """The emulator's command line. It emulates whatever the host can do: the same everywhere, and without rights."""
    paths = [
        part
        for name in ("one", "two")
        for part in (
            *("-drive", f"if=none,id={name},file={VOLUME},format=raw,file.locking=off"),
            *("-device", f"scsi-hd,drive={name},serial=kollage,wwn=0x5000c50015ea71aa"),
        )
    ]
    return [
        *_BOARDS[arch],
        *("-accel", "tcg", "-cpu", "max", "-m", str(_MEMORY)),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none"),
        *("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"),
        *("-kernel", str(guest.kernel), "-initrd", str(guest.ramdisk), "-append", guest.command_line),
        *("-serial", "file:console", "-drive", f"file={DISK},if=virtio,format=raw,cache=unsafe"),
        *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=line"),
        *("-chardev", f"socket,id=line,path={_LINE}"),
        *("-chardev", f"socket,id=monitor,path={_MONITOR}", "-mon", "chardev=monitor,mode=readline"),
        *("-device", "virtio-scsi-pci", *paths),
    ]
