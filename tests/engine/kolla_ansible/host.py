"""A host for kolla-ansible, in namespaces of its own, and kolla-ansible in an environment of its own."""

import fcntl
import json
import os
import resource
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

VERSION = "22.2.0"  # of the release that the images are of
RELEASE = "2026.1"
FILES = Path(__file__).parent / "files"
_ALONE = ("--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc")
_WITH_US = ("setpriv", "--pdeathsig", "KILL")  # it ends with the tests, even if they are killed
LONG = 120  # seconds


def installed() -> Path:
    """The prefix of a virtual environment that has kolla-ansible and its collections; made where it is not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    prefix = cache / "kollage-tests" / f"kolla-ansible-{VERSION}"
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with prefix.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (prefix / "ready").exists():
            venv.create(prefix, with_pip=False, clear=True)
            uv, python = Path(sys.executable).with_name("uv"), f"--python={prefix}/bin/python"
            names = (f"kolla-ansible=={VERSION}", "ansible>=12,<13")
            subprocess.run([uv, "pip", "install", "--quiet", "--system-certs", python, *names], check=True)
            (prefix / "ready").touch()
    return prefix


@dataclass(frozen=True)
class Host:
    """A host that is up."""

    folder: Path
    process: int  # the first one of its namespaces
    prefix: Path

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

    def play(self, verb: str, *flags: str) -> str:
        """Let kolla-ansible do something on it."""
        return self.output("kolla-ansible", verb, f"--inventory={self.folder}/inventory", *flags)

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker says of each container."""
        names = self.output("docker", "ps", "--all", "--quiet").split()
        told = json.loads(self.output("docker", "inspect", *names)) if names else []
        return {each["Name"].lstrip("/"): each for each in told}


@contextmanager
def opened(folder: Path, prefix: Path) -> Iterator[Host]:
    """Start a host that works in a folder, which may have a registry's images already; all ends with the block."""
    for name in ("kolla", "units", "docker-etc"):
        (folder / name).mkdir()
    (folder / "registry.yml").write_text(Template((FILES / "registry.yml").read_text()).substitute(folder=folder))
    _configure(folder, prefix)
    command = [*_WITH_US, "unshare", *_ALONE, str(FILES / "host"), str(folder), str(FILES)]
    with (folder / "host.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as child:
        try:
            end = time.monotonic() + LONG
            while not (folder / "up").exists():
                assert child.poll() is None, (folder / "host.log").read_text()
                assert time.monotonic() < end, (folder / "dockerd.log").read_text()
                time.sleep(0.2)
            first = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0]
            yield Host(folder, int(first), prefix)
        finally:
            child.kill()


def _configure(folder: Path, prefix: Path) -> None:
    """Write what an operator writes: the inventory, the globals and the passwords."""
    share = prefix / "share/kolla-ansible"
    passwords = folder / "kolla/passwords.yml"
    passwords.write_text((share / "etc_examples/kolla/passwords.yml").read_text())
    passwords.chmod(0o600)
    subprocess.run([prefix / "bin/kolla-genpwd", f"--passwords={passwords}"], check=True)
    open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a sandbox may allow less than kolla-ansible's default
    settings = Template((FILES / "globals.yml").read_text()).substitute(open_files=open_files)
    (folder / "kolla/globals.yml").write_text(settings)
    local = "ansible_connection=local"
    inventory = (share / "ansible/inventory/all-in-one").read_text()
    (folder / "inventory").write_text(inventory.replace(local, f"{local} ansible_python_interpreter=/usr/bin/python3"))
