"""The guest of `kollage smoke`, made from Debian's archive and booted for real, in emulation: no cloud is needed."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kollage.guests import Guest
from kollage.options import load_options
from kollage.smoke import reach
from kollage.smoke.guest import MARKER, guest

INSTANCE = "11111111-2222-3333-4444-555555555555"
LONG = 300  # seconds after which a machine that has not come up hangs
# the metadata service, as one connection sees it
METADATA = f"""\
#!/bin/sh
read -r request
body='{{"uuid": "{INSTANCE}", "name": "guest"}}'
printf 'HTTP/1.0 200 OK\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "${{#body}}" "$body"
"""


@dataclass(frozen=True)
class Machine:
    console: Path
    address: str

    def says(self, text: str) -> bool:
        return text in self.console.read_text(encoding="utf-8", errors="replace")

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=60) as answer:
            return str(answer.read().decode())


def until(question: Callable[[], bool], machine: Machine) -> None:
    end = time.monotonic() + LONG
    while not question():
        assert time.monotonic() < end, machine.console.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def made() -> Guest:
    return guest(load_options("smoke", ["--base-arch", "x86_64"], os.environ))


@pytest.fixture(scope="module")
def machine(made: Guest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder, port = tmp_path_factory.mktemp("machine"), free_port()
    metadata = folder / "metadata"
    metadata.write_text(METADATA, encoding="utf-8")
    metadata.chmod(0o755)
    for name, size in {"disk": 1 << 20, "volume": 1 << 30}.items():
        with (folder / name).open("wb") as file:
            file.truncate(size)
    console = folder / "console"
    console.touch()
    network = "user,id=n,net=169.254.169.0/24,dhcpstart=169.254.169.100"
    command = [
        *("qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "192", "-display", "none", "-no-reboot"),
        *("-kernel", str(made.kernel), "-initrd", str(made.ramdisk), "-append", made.command_line),
        *("-serial", f"file:{console}", "-device", "virtio-net-pci,netdev=n"),
        *("-netdev", f"{network},guestfwd=tcp:169.254.169.254:80-cmd:{metadata},hostfwd=tcp:127.0.0.1:{port}-:80"),
        *("-drive", f"file={folder / 'disk'},if=virtio,format=raw"),
        *("-drive", f"file={folder / 'volume'},if=virtio,format=raw"),
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            up = Machine(console=console, address=f"http://127.0.0.1:{port}")
            until(lambda: up.says(MARKER) or process.poll() is not None, up)
            assert process.poll() is None, "the emulator ended"
            yield up
        finally:
            process.kill()


def test_the_guest_says_who_it_is_and_which_address_it_was_given(machine: Machine) -> None:
    assert machine.says(f"{MARKER} {INSTANCE} 169.254.169.100")


def test_it_has_a_prompt_on_its_console(machine: Machine) -> None:
    until(lambda: machine.says("guest login:"), machine)


def test_it_loads_what_it_needs_without_a_complaint(machine: Machine) -> None:
    assert not machine.says("was not loaded")
    assert not machine.says("compressed module")


def test_it_answers_over_the_network(machine: Machine, made: Guest) -> None:
    lines = machine.page("/").splitlines()
    assert lines[:2] == [f"instance {INSTANCE}", "address 169.254.169.100"]
    assert made.version.split("-")[0] in lines[2]


def test_it_writes_to_its_second_disk_and_reads_that_back(machine: Machine) -> None:
    assert machine.page("/cgi-bin/disk") == "written vdb 1024\n"
    assert any((machine.console.parent / "volume").read_bytes()[: 1 << 20])


def test_this_machine_hears_a_ping_and_an_address_that_nobody_has_does_not() -> None:
    heard, said = reach.ping("127.0.0.1")
    assert (heard, said[:5]) == (True, "time=")
    assert not reach.ping("192.0.2.255")[0]


def test_it_serves_nothing_else(machine: Machine) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        machine.page("/etc/passwd")
