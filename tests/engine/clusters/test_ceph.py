"""Ceph stores an object on a file that plays a disk, and reads it after its daemon was started anew."""

from pathlib import Path

import pytest

from tests.engine.clusters.conftest import PATIENCE, Images, Network, Node, Volume, configuration, says, shell
from tests.engine.conftest import podman

pytestmark = pytest.mark.engine
# the filter of older engines does not know the call with which its daemon waits for a disk
DISK = "--security-opt=seccomp=unconfined"


def test_an_object_is_read_as_it_was_stored(
    images: Images, network: Network, node: Node, keep: Volume, tmp_path: Path
) -> None:
    images("ceph-mon", "ceph-osd")
    lan = network("monitor", "disk")
    where = {name: {"monitor": lan.nodes["monitor"], "address": address} for name, address in lan.nodes.items()}
    monitor = node("ceph-mon", *lan.flags("monitor"), *configuration(tmp_path, "ceph-mon", **where["monitor"]))
    monitor.until("ceph", "--connect-timeout", "10", "status", seconds=PATIENCE)
    storage = (*lan.flags("disk"), DISK, f"--volume={keep()}:/var/lib/ceph/osd")
    disk = node("ceph-osd", *storage, *configuration(tmp_path, "ceph-osd", **where["disk"]))
    monitor.until("bash", "-c", "ceph osd stat | grep '1 up'", seconds=PATIENCE)

    says(monitor, "ceph", "osd", "pool", "create", "letters", "8")
    shell(disk, "head -c 5000000 /dev/urandom > /tmp/letter; timeout 200 rados -p letters put letter /tmp/letter")
    wanted = shell(disk, "sha256sum < /tmp/letter")
    assert shell(monitor, "timeout 200 rados -p letters get letter - | sha256sum") == wanted

    podman("restart", "--time=60", disk.name)
    disk.until("bash", "-c", "test -e /var/lib/ceph/osd/ceph-0/block", seconds=PATIENCE)
    monitor.until("bash", "-c", "timeout 60 rados -p letters stat letter", seconds=PATIENCE)
    assert shell(monitor, "timeout 200 rados -p letters get letter - | sha256sum") == wanted
