"""A host with Open vSwitch, and two guests behind it."""

from pathlib import Path

from tests.engine.clusters.conftest import PATIENCE, Node, Volume, configuration
from tests.engine.clusters.lan import Lan
from tests.engine.conftest import Container

GUESTS = ("red", "blue")
# bridges of the type netdev need a tap device, and packets of their ports; no more of what a host has
SWITCH = ("--cap-add=NET_ADMIN", "--cap-add=NET_RAW", "--device=/dev/net/tun")


def switch(lan: Lan, node: Node, keep: Volume, tmp_path: Path) -> tuple[Container, str]:
    """The container of the switch on the node `host`, and the flag that gives others its sockets."""
    sockets = f"--volume={keep()}:/run/openvswitch"
    containers = []
    for image, flags in {"openvswitch-db-server": (), "openvswitch-vswitchd": SWITCH}.items():
        config = configuration(tmp_path, image)
        containers.append(node(image, *lan.flags("host"), *flags, sockets, *config))
        containers[-1].until("ovs-vsctl", "--timeout=10", "--no-wait", "show", seconds=PATIENCE)
    containers[-1].until("ovs-appctl", "version", seconds=PATIENCE)
    return containers[-1], sockets


def guests(lan: Lan, node: Node) -> dict[str, Container]:
    """A container in the network of each guest, which can ping."""
    return {
        name: node("neutron-base", *lan.flags(name), "--cap-add=NET_RAW", "--user=root", command=("sleep", "infinity"))
        for name in GUESTS
    }


def reaches(lan: Lan, containers: dict[str, Container], sender: str = "red", receiver: str = "blue") -> bool:
    """Whether a packet of one guest comes to the other, and its answer back."""
    return containers[sender].call("ping", "-c", "1", "-W", "2", lan.nodes[receiver]).returncode == 0
