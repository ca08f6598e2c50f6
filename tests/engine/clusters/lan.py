"""A network of network namespaces: nodes with an address each, a switch between them, and nothing of it on the host."""

import os
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

PREFIX = f"kollage-{os.getpid()}-"  # how the namespaces of this run begin
SUBNET = "10.77.0"
GUESTS = "10.77.1"  # of those behind a host's own switch


def ip(*arguments: str) -> str:
    """Run ip, which has to succeed, and give what it prints."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Lan:
    """Nodes that reach each other by address and by name, until one is cut off."""

    mark: str
    nodes: dict[str, str] = field(default_factory=dict)  # name -> address

    def namespace(self, node: str) -> str:
        return f"{self.mark}-{node}"

    def join(self, node: str) -> None:
        """Add a node."""
        self._wire(node, self.mark, f"{SUBNET}.{len(self.nodes) + 1}")
        ip("-n", self.mark, "link", "set", node, "master", "switch")

    def plug(self, guest: str, host: str) -> str:
        """Add a guest, whose cable ends in a host under the guest's name; its MAC address is given."""
        self._wire(guest, self.namespace(host), f"{GUESTS}.{len(self.nodes) + 1}")
        mac = f"02:00:00:00:00:{len(self.nodes):02x}"
        ip("-n", self.namespace(guest), "link", "set", "eth0", "address", mac)
        return mac

    def _wire(self, node: str, where: str, address: str) -> None:
        own = self.namespace(node)
        self.nodes[node] = address
        ip("netns", "add", own)
        ip("-n", where, "link", "add", node, "type", "veth", "peer", "name", "eth0", "netns", own)
        ip("-n", where, "link", "set", node, "up")
        ip("-n", own, "address", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            ip("-n", own, "link", "set", link, "up")

    def cut(self, node: str) -> None:
        """Take a node's cable out of the switch."""
        ip("-n", self.mark, "link", "set", node, "down")

    def mend(self, node: str) -> None:
        ip("-n", self.mark, "link", "set", node, "up")

    def flags(self, node: str) -> tuple[str, ...]:
        """With what a container is started on a node."""
        hosts = (f"--add-host={name}:{address}" for name, address in self.nodes.items())
        return (f"--network=ns:/run/netns/{self.namespace(node)}", f"--hostname={node}", *hosts)

    def call(self, node: str, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the host in the network of a node."""
        return subprocess.run(
            ["ip", "netns", "exec", self.namespace(node), *command], capture_output=True, text=True, check=False
        )

    def addresses(self, node: str) -> list[str]:
        """The addresses that a node has on the network, without their lengths."""
        lines = ip("-n", self.namespace(node), "-4", "-oneline", "address", "show", "dev", "eth0").splitlines()
        return [line.split()[3].partition("/")[0] for line in lines]


@contextmanager
def lan(names: Sequence[str]) -> Iterator[Lan]:
    """A network with these nodes, which is gone at the end."""
    made = Lan(mark=f"{PREFIX}{uuid.uuid4().hex[:4]}")
    try:
        ip("netns", "add", made.mark)
        ip("-n", made.mark, "link", "add", "switch", "type", "bridge")
        ip("-n", made.mark, "link", "set", "switch", "up")
        for name in names:
            made.join(name)
        yield made
    finally:
        for name in left(made.mark):
            ip("netns", "delete", name)


def left(prefix: str = PREFIX) -> list[str]:
    """The namespaces that begin like that."""
    names = (line.split()[0] for line in ip("netns", "list").splitlines() if line)
    return [name for name in names if name.startswith(prefix)]
