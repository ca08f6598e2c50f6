"""kolla-ansible, as the package index has it, deploys these images, and later changes nothing but what it has to."""

import json
import os
import re
import time
from typing import Any

import pytest

from tests.engine.kolla_ansible.host import Host

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and mounts of its own need root"),
]
SERVICES = {
    "cron", "glance_api", "horizon", "keystone", "keystone_fernet", "keystone_ssh", "kolla_toolbox", "mariadb",
    "memcached", "placement_api", "rabbitmq",
}  # fmt: skip
LONG = 300  # seconds
FAILED = re.compile(r"failed=(\d+)")


def healthy(host: Host) -> dict[str, str]:
    """How each container is, once none is only starting; what has no check of its own is `running`."""
    end = time.monotonic() + LONG
    while True:
        now = {name: _health(told["State"]) for name, told in host.containers().items()}
        if "starting" not in now.values() or time.monotonic() > end:
            return now
        time.sleep(2)


def _health(state: dict[str, Any]) -> str:
    return str(state["Health"]["Status"] if "Health" in state else state["Status"])


@pytest.fixture(scope="module")
def deployed(host: Host) -> Host:
    for verb in ("prechecks", "deploy"):
        assert set(FAILED.findall(host.play(verb))) == {"0"}
    return host


def test_every_service_is_healthy(deployed: Host) -> None:
    seen = healthy(deployed)
    assert set(seen) >= SERVICES
    assert {name: state for name, state in seen.items() if state not in {"healthy", "running"}} == {}


def test_the_cloud_answers_its_administrator(deployed: Host) -> None:
    deployed.play("post-deploy")
    clouds = "/etc/kolla/clouds.yaml:/etc/openstack/clouds.yaml:ro"
    ask = ["docker", "run", "--rm", "--network=host", "--user=root", f"--volume={clouds}"]
    image = "127.0.0.1:4000/kolla/openstackclient:2026.1-debian-trixie"
    listed = [*ask, image, "openstack", "--os-cloud=kolla-admin", "endpoint", "list", "--format=json"]
    endpoints = json.loads(deployed.output(*listed))
    assert {each["Service Name"] for each in endpoints} == {"glance", "keystone", "placement"}
    assert json.loads(deployed.output(*[*listed[:-3], "image", "list", "--format=json"])) == []


def test_deployed_again_no_container_is_touched(deployed: Host) -> None:
    def begun() -> dict[str, tuple[str, str]]:
        return {name: (told["Id"], told["State"]["StartedAt"]) for name, told in deployed.containers().items()}

    before = begun()
    deployed.play("deploy")
    assert begun() == before


def test_a_service_is_reconfigured_and_the_others_stay(deployed: Host) -> None:
    custom = deployed.folder / "kolla/config"
    custom.mkdir()
    (custom / "glance.conf").write_text("[DEFAULT]\nimage_member_quota = 17\n")
    before = {name: told["State"]["StartedAt"] for name, told in deployed.containers().items()}
    deployed.play("reconfigure")
    now = {name: told["State"]["StartedAt"] for name, told in deployed.containers().items()}
    assert [name for name in before if before[name] != now[name]] == ["glance_api"]
    read = deployed.output("docker", "exec", "glance_api", "cat", "/etc/glance/glance-api.conf")
    assert "image_member_quota = 17" in read
    assert healthy(deployed)["glance_api"] == "healthy"
