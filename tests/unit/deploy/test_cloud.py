"""Facts, choices and secrets become one cloud, with every file of its configuration."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.deploy.clouds import HOST, catalogue, chosen, decided, text, wanted

from kollage.deploy import cloud as clouds
from kollage.deploy.choices import Choices
from kollage.errors import RenderError, UsageError


def test_units_stand_after_what_they_need_and_optional_ones_only_where_asked_for(tmp_path: Path) -> None:
    found = catalogue(tmp_path)
    assert list(wanted(found).units) == ["haproxy", "mariadb", "databases", "keystone", "nova-api"]
    with_heat = wanted(found, chosen(extra=("heat",))).units
    assert list(with_heat)[-2:] == ["heat-api", "haproxy"]
    assert with_heat["haproxy"].needs == ("heat-api",)


def test_config_json_is_in_the_form_of_the_contract(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    assert json.loads(text(cloud, "config/nova-api/config.json")) == {
        "command": "nova-api",
        "config_files": [
            {
                "source": "/var/lib/kolla/config_files/nova.conf",
                "dest": "/etc/nova/nova.conf",
                "owner": "nova",
                "perm": "0600",
            },
            {
                "source": "/var/lib/kolla/config_files/own.ini",
                "dest": "/etc/nova/own.ini",
                "owner": "root",
                "perm": "0600",
            },
        ],
        "directories": [
            {"path": "/var/log/kolla", "owner": "fluentd:kolla", "perm": "2775"},
            {"path": "/var/log/kolla/nova", "owner": "nova:kolla", "perm": "2775"},
        ],
        "permissions": [],
    }


def test_what_holds_secrets_is_for_its_owner_alone(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    files = [*cloud.files, *(file for part in cloud.parts.values() for file in part.files)]
    assert {file.path for file in files if "<" in file.text and file.mode != 0o600} == set()
    assert {file.path for file in files if "<" in file.text} == {
        "clouds.yaml",
        "config/databases/root.env",
        "config/nova-api/nova.conf",
    }


def test_texts_of_facts_are_filled(tmp_path: Path) -> None:
    assert decided(catalogue(tmp_path)).parts["mariadb"].unit.healthy == "ping 127.0.0.1:3306"


def test_ports_are_moved_in_front_and_behind(tmp_path: Path) -> None:
    choices = chosen(ports={"nova-api": "8888", "nova-api-backend": "9999", "mariadb": "3307"}, address="10.1.2.3")
    cloud = decided(catalogue(tmp_path), choices)
    assert (cloud.parts["nova-api"].unit.front, cloud.parts["nova-api"].unit.port) == (8888, 9999)
    assert "nova-api 10.1.2.3:8888\n" in text(cloud, "config/haproxy/haproxy.cfg")
    assert "@127.0.0.1:3307/nova" in text(cloud, "config/nova-api/nova.conf")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (chosen(extra=("haet",)), "--with: no service of the catalogue is called 'haet'"),
        (chosen(ports={"novaapi": "1"}), "--ports: there is no service 'novaapi'"),
        (chosen(ports={"nova-api": "many"}), "--ports: 'many' is no port"),
        (chosen(ports={"nova-api": "70000"}), "--ports: '70000' is no port"),
        (chosen(network="172.24.4.9/24"), "--external-network: 172.24.4.9/24 has host bits set"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, choices: Choices, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        decided(catalogue(tmp_path), choices)


def test_units_that_need_each_other_are_named(tmp_path: Path) -> None:
    found = catalogue(tmp_path, keystone__keystone__deploy_toml='[[service]]\nneeds = ["nova-api"]\n')
    with pytest.raises(UsageError, match="these units need each other: keystone, nova-api"):
        wanted(found)


def test_a_template_that_asks_for_what_is_not_there_is_named(tmp_path: Path) -> None:
    found = catalogue(tmp_path)
    (tmp_path / "nova/nova-api/deploy/nova.conf.j2").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(RenderError, match=r"nova/nova-api/deploy/nova\.conf\.j2: 'nothing' is undefined"):
        decided(found)


@pytest.mark.parametrize(
    ("asked", "kvm", "module", "found"),
    [
        ("auto", True, True, ("kvm", "system")),
        ("auto", False, False, ("qemu", "netdev")),
    ],
)
def test_what_the_machine_can_is_used(
    tmp_path: Path, asked: str, kvm: bool, module: bool, found: tuple[str, str]
) -> None:
    host = replace(HOST, kvm=kvm, openvswitch=module)
    cloud = decided(catalogue(tmp_path), chosen(hypervisor=asked, datapath=asked), host=host)
    assert (cloud.hypervisor, cloud.datapath) == found


def test_the_identity_of_a_part_is_that_of_its_image_and_its_configuration(tmp_path: Path) -> None:
    found = catalogue(tmp_path)
    before = decided(found)
    names = {part.unit.image for part in before.parts.values()}
    images = {name: (f"kolla/{name}:1", f"id-{name}") for name in names}
    newer = decided(found, images={**images, "nova-api": ("kolla/nova-api:1", "other")})
    moved = decided(found, chosen(ports={"mariadb": "3307"}))

    def changed(after: clouds.Cloud) -> set[str]:
        return {name for name, part in after.parts.items() if part.digest != before.parts[name].digest}

    assert changed(decided(found)) == set()
    assert changed(newer) == {"nova-api"}
    assert changed(moved) == {"mariadb", "nova-api"}


def test_clients_are_told_where_the_cloud_is_and_whom_to_trust(tmp_path: Path) -> None:
    cloud = clouds.place(
        Path("/c"), decided(catalogue(tmp_path), chosen(tls=True), certificate={"authority": "A", "front": "F"})
    )
    entry = json.loads(text(cloud, "clouds.yaml"))["clouds"]["kollage"]
    assert entry["auth"]["auth_url"] == "https://127.0.0.1:5000/v3"
    assert entry["cacert"] == "/c/ca.pem"
    assert text(cloud, "ca.pem") == "A"
