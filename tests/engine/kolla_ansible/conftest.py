"""One host, whose registry has images of this catalogue for kolla-ansible to deploy."""

import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kollage.options import load_options
from kollage.smoke.guest import guest
from tests.engine.conftest import kollage
from tests.engine.kolla_ansible.host import PORT, RELEASE, VERSION, Host, opened, registry

PROOF = Path(__file__).parents[3] / "docs/proof/kolla-ansible.md"
IMAGES = (
    "cron", "glance-api", "heat-api", "heat-api-cfn", "heat-engine", "horizon", "keystone", "keystone-fernet",
    "keystone-ssh", "kolla-toolbox", "mariadb-clustercheck", "mariadb-server", "memcached", "neutron-dhcp-agent",
    "neutron-l3-agent", "neutron-metadata-agent", "neutron-openvswitch-agent", "neutron-server", "nova-api",
    "nova-compute", "nova-conductor", "nova-libvirt", "nova-novncproxy", "nova-scheduler", "nova-ssh",
    "openstackclient", "openvswitch-db-server", "openvswitch-vswitchd", "placement-api", "rabbitmq",
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> None:
    """Here it is the host that has to be gone, with its folder; the machine's own stores have no part."""


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """The host. What was seen of it is written down where every test has passed."""
    with tempfile.TemporaryDirectory(prefix="kollage-") as place:
        folder = Path(place)
        subprocess.run(registry("start", folder), check=True)
        try:
            which = f"^({'|'.join(IMAGES)})$"
            done = kollage("build", f"--release={RELEASE}", f"--registry=127.0.0.1:{PORT}", "--push", which)
            assert done.returncode == 0, done.stdout + done.stderr
        finally:
            subprocess.run(registry("stop", folder), check=True)
        guest(load_options("smoke", [f"--cache-dir={folder}/cache"], os.environ))
        with opened(folder) as made:
            yield made
            if not request.session.testsfailed:
                PROOF.write_text(_told(made))


def _told(host: Host) -> str:
    """What was seen, as a page."""
    plays = [f"| {play.verb} | {play.recap} | {play.seconds:.0f} |" for play in host.plays]
    ours = [(name, told) for name, told in host.containers().items() if "-" not in name]  # others are of networks
    seen = [f"| {name} | {told['Config']['Image']} | {host.health(told)} |" for name, told in ours]
    smoked = [f"| {step['step']} | {step['status']} | {step['detail']} |" for step in host.smoked]
    docker = host.output("docker", "version", "--format={{.Server.Version}}").strip()
    return "\n".join(
        [
            "# Deployed by kolla-ansible",
            "",
            f"What `make kolla-ansible` saw on {time.strftime('%Y-%m-%d')}, on one host in namespaces of its own:",
            f"kolla-ansible {VERSION} of the package index with images of {RELEASE}, Docker {docker},",
            f"Linux {platform.release()}.",
            "Small programs stand in for systemd and for the loading of modules there, and the switch works in",
            "userspace.",
            "",
            "| what was played | how it ended | s |",
            "|:--|:--|--:|",
            *plays,
            "",
            "| container | image | state |",
            "|:--|:--|:--|",
            *sorted(seen),
            "",
            "| `kollage smoke` in that cloud | how it ended | what was seen |",
            "|:--|:--|:--|",
            *smoked,
            "",
        ]
    )
