"""Libvirt starts a guest in emulation, which runs what is on its disk, and ends it."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, configuration, says, shell

pytestmark = pytest.mark.engine
WORD = b"a guest runs\r\n"
# a boot sector that writes a word to the serial port: ds is 0; si is where the word lies; dx is the port; until a
# byte is 0, out; then halt
CODE = bytes.fromhex("31c0 8ed8 be157c baf803 ac 84c0 7403 ee ebf8 f4 ebfd") + WORD + b"\0"
DISK = CODE.ljust(510, b"\0") + b"\x55\xaa"


def test_a_guest_boots_from_its_disk(images: Images, network: Network, node: Node, tmp_path: Path) -> None:
    images("nova-libvirt")
    lan = network("host")
    host = node("nova-libvirt", *lan.flags("host"), *configuration(tmp_path, "libvirt"))
    host.until("virsh", "nodedev-list", seconds=PATIENCE)
    escaped = "".join(f"\\x{byte:02x}" for byte in DISK)
    shell(
        host,
        f"printf '{escaped}' > /var/lib/nova/disk; truncate -s 1M /var/lib/nova/disk; chown nova: /var/lib/nova/disk",
    )

    says(host, "virsh", "create", "/var/lib/kolla/config_files/guest.xml")
    assert says(host, "virsh", "domstate", "guest") == "running"
    host.until("grep", "--quiet", WORD.decode().strip(), "/var/lib/nova/serial", seconds=PATIENCE)
    assert "type='qemu'" in says(host, "virsh", "dumpxml", "guest")
    says(host, "virsh", "destroy", "guest")
    assert says(host, "virsh", "list", "--all", "--name") == ""
