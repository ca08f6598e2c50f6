"""A host for kolla-ansible, in namespaces of its own, and kolla-ansible in an environment of its own."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from tests.peer.environments import installed

VERSION = "22.2.0"  # of the release that the images are of
RELEASE = "2026.1"
PORT = 4000
FILES = Path(__file__).parent / "files"
_ALONE = ("--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc")
_WITH_US = ("setpriv", "--pdeathsig", "KILL")  # it ends with the tests, even if they are killed
LONG = 120  # seconds for a host to begin and to end
PATIENCE = 900  # seconds for an instance, which is emulated


def peer() -> Path:
    """The prefix of a virtual environment that has kolla-ansible and its collections."""
    return installed(f"kolla-ansible-{VERSION}", f"kolla-ansible=={VERSION}", "ansible>=12,<13")


@dataclass(frozen=True)
class Play:
    """What kolla-ansible did, and how it summed that up."""

    verb: str
    recap: str
    seconds: float


@dataclass(frozen=True)
class Host:
    """A host that is up."""

    folder: Path
    process: int  # the first one of its namespaces
    prefix: Path
    plays: list[Play] = field(default_factory=list)
    smoked: list[dict[str, Any]] = field(default_factory=list)

    def call(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command on it."""
        inside = ["nsenter", f"--target={self.process}", "--mount", "--net", "--pid", "--uts", "--ipc"]
        path = f"{self.prefix}/bin:{os.environ['PATH']}"
        environ = {"PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
        return subprocess.run([*inside, *command], capture_output=True, text=True, check=False, env=environ)

    def output(self, *command: str) -> str:
        """Run a command on it, which has to go well, and give what it prints."""
        done = self.call(*command)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-6000:]}{done.stderr[-2000:]}"
        return done.stdout

    def play(self, verb: str, *flags: str) -> None:
        """Let kolla-ansible do something on it, in which no task may fail."""
        began = time.monotonic()
        said = self.output("kolla-ansible", verb, f"--inventory={self.folder}/inventory", *flags)
        (recap,) = re.findall(r"^localhost +: (.*?) *$", said, re.MULTILINE)
        assert " failed=0 " in recap, said[-6000:]
        self.plays.append(Play(verb, re.sub(" +", " ", recap), time.monotonic() - began))

    def switch_in_userspace(self) -> None:
        """Let Open vSwitch do without a module of the kernel, which may not be there; only its bridges know of that."""
        bridge = ["set", "Bridge", "br-ex", "datapath_type=netdev"]
        checksums = [
            "set",
            "Open_vSwitch",
            ".",
            "other_config:userspace-tso-enable=true",
        ]  # the kernel leaves some open
        self.output("docker", "exec", "openvswitch_vswitchd", "ovs-vsctl", *bridge, "--", *checksums)
        self.output("docker", "restart", "openvswitch_vswitchd")

    def smoke(self) -> None:
        """Boot an instance in its cloud. The guest has to be in the cache: nothing can be fetched there."""
        where = [f"--cache-dir={self.folder}/cache", "--clouds-file=/etc/kolla/clouds.yaml"]
        said = self.output(sys.executable, "-m", "kollage", "smoke", *where, f"--patience={PATIENCE}", "--format=json")
        self.smoked.extend(json.loads(said)["steps"])

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker says of each container."""
        names = self.output("docker", "ps", "--all", "--quiet").split()
        told = json.loads(self.output("docker", "inspect", *names)) if names else []
        return {each["Name"].lstrip("/"): each for each in told}

    @staticmethod
    def health(told: dict[str, Any]) -> str:
        """How a container is: what its own check says, or whether it runs where it has none."""
        state = told["State"]
        return str(state["Health"]["Status"] if "Health" in state else state["Status"])


@contextmanager
def opened(folder: Path) -> Iterator[Host]:
    """Start a host that works in a folder, whose registry may have images already; all ends with the block."""
    for name in ("kolla", "units", "docker-etc"):
        (folder / name).mkdir()
    prefix = peer()
    _configure(folder, prefix)
    (modprobe,) = prefix.glob(
        "lib/python3*/site-packages/ansible_collections/community/general/plugins/modules/modprobe.py"
    )
    command = [*_WITH_US, "unshare", *_ALONE, str(FILES / "host"), str(folder), str(FILES), str(modprobe)]
    with (folder / "host.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as child:
        try:
            until((folder / "up").exists, (folder / "host.log").read_text)
            first = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0]
            host = Host(folder, int(first), prefix)
            host.output(*registry("start", folder))
            yield host
        finally:
            child.kill()
    until(lambda: not Path(f"/proc/{first}").exists(), lambda: "the host does not end")


def registry(action: str, folder: Path) -> list[str]:
    """The command that starts or stops the registry that a host and this machine have in turn."""
    where = [f"--data-dir={folder}/registry", f"--cache-dir={folder}/cache", f"--port={PORT}"]
    return [sys.executable, "-m", "kollage", "registry", *where, action]


def until(true: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait for something that comes by itself; fail with a reason where it does not."""
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end, why()
        time.sleep(0.2)


def _configure(folder: Path, prefix: Path) -> None:
    """Write what an operator writes: the inventory, the globals and the passwords."""
    share = prefix / "share/kolla-ansible"
    passwords = folder / "kolla/passwords.yml"
    passwords.write_text((share / "etc_examples/kolla/passwords.yml").read_text())
    passwords.chmod(0o600)
    subprocess.run([prefix / "bin/kolla-genpwd", f"--passwords={passwords}"], check=True)
    limits = {"files": _allowed(resource.RLIMIT_NOFILE, 32768), "processes": _allowed(resource.RLIMIT_NPROC, 131072)}
    settings = Template((FILES / "globals.yml").read_text()).substitute(limits)
    (folder / "kolla/globals.yml").write_text(settings)
    local = "ansible_connection=local"
    inventory = (share / "ansible/inventory/all-in-one").read_text()
    (folder / "inventory").write_text(inventory.replace(local, f"{local} ansible_python_interpreter=/usr/bin/python3"))


def _allowed(limit: int, wanted: int) -> int:
    """What kolla-ansible has by default, or less where a sandbox allows only that."""
    highest = resource.getrlimit(limit)[1]
    return (
        wanted if highest == resource.RLIM_INFINITY else min(wanted, highest - 1)
    )  # libvirt adds one to that of files
