"""An emulator without a machine: scripts run on this host, in a folder for /run, and what leads inside leads nowhere.

What is wrong with it is in $FAKE_QEMU: `refuses`, `mute`, or `ends` when it is asked for anything but a sign of life.
"""

import os
import socket
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from pathlib import Path

WRONG = os.environ.get("FAKE_QEMU", "")
RUN, INSIDE = Path("run").absolute(), Path("inside").absolute()
COMMANDS = {
    "chroot": 'shift; exec "$@"',
    "mount": "",
    "nsenter": 'shift 4; exec "$@"',
    "unshare": 'shift 3; exec "$@"',
}


def connected(name: str) -> socket.socket:
    end = socket.socket(socket.AF_UNIX)
    end.connect(name)
    return end


def answer(script: str) -> bytes:
    with Path("answer").open("wb") as printed:  # no pipe: what goes on in the background would keep it open
        done = subprocess.run(
            ["sh", "-c", script.replace("/run/", f"{RUN}/")],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            env={"PATH": f"{INSIDE}:{os.environ['PATH']}"},
            check=False,
        )
    return f"{done.returncode} ".encode() + b64encode(Path("answer").read_bytes()) + b"\n"


def obey(monitor: socket.socket) -> None:
    if monitor.recv(100) == b"quit\n":
        os._exit(0)


def main() -> None:
    if WRONG == "refuses":
        sys.exit("no such device")
    for folder in (RUN, INSIDE):
        folder.mkdir()
    for name, text in COMMANDS.items():
        (INSIDE / name).write_text(f"#!/bin/sh\n{text}\n")
        (INSIDE / name).chmod(0o755)
    Path("console").write_text("booted\nwaiting\n")
    line, monitor = connected("line"), connected("monitor")
    threading.Thread(target=obey, args=[monitor], daemon=True).start()
    with line.makefile("rb") as asked:
        for request in asked:
            script = b64decode(request).decode()
            if WRONG == "ends" and script != "true":
                sys.exit(3)
            if WRONG != "mute":
                line.sendall(answer(script))


if __name__ == "__main__":
    main()
