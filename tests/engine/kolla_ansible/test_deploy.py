"""kolla-ansible, as the package index has it, deploys these images, and later changes nothing but what it has to."""

import json
import time

import pytest

from tests.engine.kolla_ansible.host import PORT, Host

pytestmark = pytest.mark.engine
SERVICES = {
    "cron", "glance_api", "heat_api", "heat_api_cfn", "heat_engine", "horizon", "keystone", "keystone_fernet",
    "keystone_ssh", "kolla_toolbox", "mariadb", "memcached", "neutron_dhcp_agent", "neutron_l3_agent",
    "neutron_metadata_agent", "neutron_openvswitch_agent", "neutron_periodic_worker", "neutron_rpc_server",
    "neutron_server", "nova_api", "nova_compute", "nova_conductor", "nova_libvirt", "nova_metadata", "nova_novncproxy",
    "nova_scheduler", "nova_ssh", "openvswitch_db", "openvswitch_vswitchd", "placement_api", "rabbitmq",
}  # fmt: skip
CHECKED = SERVICES - {"cron", "kolla_toolbox", "neutron_metadata_agent"}  # kolla-ansible has no check for the others
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


def client(host: Host, *words: str) -> str:
    """What the client says, from its own image, to the cloud's administrator."""
    clouds = "/etc/kolla/clouds.yaml:/etc/openstack/clouds.yaml:ro"
    start = ["docker", "run", "--rm", "--network=host", "--user=root", f"--volume={clouds}"]
    image = f"127.0.0.1:{PORT}/kolla/openstackclient:2026.1-debian-trixie"
    return host.output(*start, image, "openstack", "--os-cloud=kolla-admin", *words)


@pytest.fixture(scope="module")
def deployed(host: Host) -> Host:
    host.play("prechecks")
    host.play("deploy", "--tags=kolla_toolbox,openvswitch")
    host.switch_in_userspace()
    host.play("deploy")
    return host


def test_every_service_is_healthy(deployed: Host) -> None:
    assert health(deployed) == {name: "healthy" if name in CHECKED else "running" for name in SERVICES}


def test_the_cloud_answers_its_administrator(deployed: Host) -> None:
    deployed.play("post-deploy")
    endpoints = json.loads(client(deployed, "endpoint", "list", "--format=json"))
    assert {each["Service Name"] for each in endpoints} == {
        "glance", "heat", "heat-cfn", "keystone", "neutron", "nova", "placement"
    }  # fmt: skip
    assert json.loads(client(deployed, "image", "list", "--format=json")) == []


def test_an_instance_boots_and_is_reached_from_outside(deployed: Host) -> None:
    network = ["--external", "--provider-network-type=flat", "--provider-physical-network=physnet1", "external"]
    subnet = ["--network=external", "--subnet-range=10.78.0.0/24", "--gateway=10.78.0.1", "--no-dhcp", "external"]
    client(deployed, "network", "create", *network)
    client(deployed, "subnet", "create", *subnet)
    deployed.smoke()
    steps = {step["step"]: step["status"] for step in deployed.smoked}
    assert [name for name, status in steps.items() if status != "passed"] == ["volume"], "there is no Cinder"


def test_the_dashboard_has_a_page_to_log_in(deployed: Host) -> None:
    assert "<form" in deployed.output("curl", "--silent", "--fail", "--location", "http://10.77.0.1/")


def test_a_service_is_reconfigured_and_the_others_stay(deployed: Host) -> None:
    custom = deployed.folder / "kolla/config"
    custom.mkdir()
    (custom / "glance.conf").write_text("[DEFAULT]\nimage_member_quota = 17\n")
    before = begun(deployed)
    deployed.play("reconfigure")
    now = begun(deployed)
    assert [name for name in SERVICES if before[name] != now[name]] == ["glance_api"]
    assert health(deployed)["glance_api"] == "healthy"
    read = deployed.output("docker", "exec", "glance_api", "cat", "/etc/glance/glance-api.conf")
    assert "image_member_quota = 17" in read
