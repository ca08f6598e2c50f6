"""Open vSwitch passes packets on its userspace datapath, and drops what its flows say."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import Images, Network, Node, Volume, says, wait
from tests.engine.clusters.switch import GUESTS, guests, reaches, switch

pytestmark = pytest.mark.engine


def test_a_packet_passes_between_two_ports_of_a_bridge(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("neutron-base", "openvswitch-db-server", "openvswitch-vswitchd")
    lan = network("host")
    for guest in GUESTS:
        lan.plug(guest, "host")
    vswitchd, _ = switch(lan, node, keep, tmp_path)
    inside = guests(lan, node)
    says(
        vswitchd,
        "ovs-vsctl",
        "--timeout=60",
        "add-br",
        "br-int",
        "--",
        "set",
        "bridge",
        "br-int",
        "datapath_type=netdev",
    )
    assert not reaches(lan, inside)

    for guest in GUESTS:
        says(vswitchd, "ovs-vsctl", "--timeout=60", "add-port", "br-int", guest)
    wait(lambda: reaches(lan, inside), "a packet passes")
    assert "netdev@ovs-netdev" in says(vswitchd, "ovs-appctl", "dpif/show")

    says(vswitchd, "ovs-ofctl", "add-flow", "br-int", "priority=100,icmp,actions=drop")
    wait(lambda: not reaches(lan, inside), "a flow drops the packet")
    says(vswitchd, "ovs-ofctl", "del-flows", "br-int", "icmp")
    wait(lambda: reaches(lan, inside), "a packet passes again")
