"""OVN makes Open vSwitch pass the packets of a virtual network, as its northbound database has it."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, Volume, configuration, says, wait
from tests.engine.clusters.switch import GUESTS, guests, reaches, switch

pytestmark = pytest.mark.engine
OVN = ("ovn-nb-db-server", "ovn-sb-db-server", "ovn-northd", "ovn-controller")
CHASSIS = {
    "ovn-bridge-datapath-type": "netdev",
    "ovn-encap-type": "geneve",
    "ovn-remote": "tcp:127.0.0.1:6642",
    "system-id": "host",
}


def test_a_packet_passes_between_two_ports_of_a_virtual_network(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("neutron-base", "openvswitch-db-server", "openvswitch-vswitchd", *OVN)
    lan = network("host")
    macs = {guest: lan.plug(guest, "host") for guest in GUESTS}
    vswitchd, sockets = switch(lan, node, keep, tmp_path)
    settings = [f"external_ids:{key}={value}" for key, value in CHASSIS.items()]
    address = f"external_ids:ovn-encap-ip={lan.nodes['host']}"
    says(vswitchd, "ovs-vsctl", "--timeout=60", "set", "Open_vSwitch", ".", address, *settings)
    north, south, *_ = (node(image, *lan.flags("host"), sockets, *configuration(tmp_path, image)) for image in OVN)
    north.until("ovn-nbctl", "--timeout=10", "show", seconds=PATIENCE)
    south.until("ovn-sbctl", "--timeout=10", "get", "Chassis", "host", "name", seconds=PATIENCE)

    says(north, "ovn-nbctl", "--timeout=60", "ls-add", "net")
    for guest in GUESTS:
        says(north, "ovn-nbctl", "--timeout=60", "lsp-add", "net", guest)
        says(north, "ovn-nbctl", "--timeout=60", "lsp-set-addresses", guest, f"{macs[guest]} {lan.nodes[guest]}")
        name = f"external_ids:iface-id={guest}"
        says(vswitchd, "ovs-vsctl", "--timeout=60", "add-port", "br-int", guest, "--", "set", "Interface", guest, name)
    inside = guests(lan, node)
    wait(lambda: reaches(lan, inside), "a packet passes")
    assert "netdev@ovs-netdev" in says(vswitchd, "ovs-appctl", "dpif/show")

    says(north, "ovn-nbctl", "--timeout=60", "acl-add", "net", "to-lport", "1000", "icmp4", "drop")
    wait(lambda: not reaches(lan, inside), "a rule drops the packet")
    says(north, "ovn-nbctl", "--timeout=60", "acl-del", "net")
    wait(lambda: reaches(lan, inside), "a packet passes again")
