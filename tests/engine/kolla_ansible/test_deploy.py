"""kolla-ansible, as the package index has it, deploys these images, and later changes nothing but what it has to."""

import json
import time

import pytest

from tests.engine.kolla_ansible.host import PORT, Host

pytestmark = pytest.mark.engine
SERVICES = {
    "cron", "glance_api", "horizon", "keystone", "keystone_fernet", "keystone_ssh", "kolla_toolbox", "mariadb",
    "memcached", "placement_api", "rabbitmq",
}  # fmt: skip
CHECKED = SERVICES - {"cron", "kolla_toolbox"}  # the others have no check of their health
LONG = 300  # seconds


def health(host: Host) -> dict[str, str]:
    """How each container is, once none is only starting."""
    end = time.monotonic() + LONG
    while True:
        now = {name: host.health(told) for name, told in host.containers().items()}
        if "starting" not in now.values() or time.monotonic() > end:
            return now
        time.sleep(2)


def begun(host: Host) -> dict[str, tuple[str, str]]:
    """Which container each is, and since when it runs."""
    return {name: (told["Id"], told["State"]["StartedAt"]) for name, told in host.containers().items()}


@pytest.fixture(scope="module")
def deployed(host: Host) -> Host:
    host.play("prechecks")
    host.play("deploy")
    return host


def test_every_service_is_healthy(deployed: Host) -> None:
    assert health(deployed) == {name: "healthy" if name in CHECKED else "running" for name in SERVICES}


def test_the_cloud_answers_its_administrator(deployed: Host) -> None:
    deployed.play("post-deploy")
    clouds = "/etc/kolla/clouds.yaml:/etc/openstack/clouds.yaml:ro"
    ask = ["docker", "run", "--rm", "--network=host", "--user=root", f"--volume={clouds}"]
    image = f"127.0.0.1:{PORT}/kolla/openstackclient:2026.1-debian-trixie"
    client = [*ask, image, "openstack", "--os-cloud=kolla-admin"]
    endpoints = json.loads(deployed.output(*client, "endpoint", "list", "--format=json"))
    assert {each["Service Name"] for each in endpoints} == {"glance", "keystone", "placement"}
    assert json.loads(deployed.output(*client, "image", "list", "--format=json")) == []


def test_the_dashboard_has_a_page_to_log_in(deployed: Host) -> None:
    assert "<form" in deployed.output("curl", "--silent", "--fail", "--location", "http://10.77.0.1/")


def test_deployed_again_no_container_is_touched(deployed: Host) -> None:
    before = begun(deployed)
    deployed.play("deploy")
    assert begun(deployed) == before


def test_a_service_is_reconfigured_and_the_others_stay(deployed: Host) -> None:
    custom = deployed.folder / "kolla/config"
    custom.mkdir()
    (custom / "glance.conf").write_text("[DEFAULT]\nimage_member_quota = 17\n")
    before = begun(deployed)
    deployed.play("reconfigure")
    now = begun(deployed)
    assert [name for name in before if before[name] != now[name]] == ["glance_api"]
    assert health(deployed)["glance_api"] == "healthy"
    read = deployed.output("docker", "exec", "glance_api", "cat", "/etc/glance/glance-api.conf")
    assert "image_member_quota = 17" in read
