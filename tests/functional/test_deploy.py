"""A cloud is launched, looked at, changed and stopped by the command; only podman is a fake."""

import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.functional.world import Outcome, World, fake
from tests.unit.deploy.clouds import FILES

IMAGES = ("mariadb-server", "keystone", "nova-api", "heat-api", "haproxy")


class Site:
    """A world with a catalogue of a few services, whose images are there."""

    def __init__(self, world: World, ports: Mapping[str, int]) -> None:
        self.world = world
        self.ports = ports

    @property
    def place(self) -> Path:
        return self.world.home / ".local/share/kollage/cloud"

    def run(self, verb: str, *argv: str) -> Outcome:
        told = self.world.run(verb, "--engine", "podman", *argv, FAKE_PODMAN=str(self.world.root / "podman"))
        return Outcome(told.code, re.sub(r"[0-9]+ GB", "N GB", told.out), told.err)

    def up(self, *argv: str) -> Outcome:
        ports = ",".join(f"{name}:{port}" for name, port in self.ports.items())
        network = ("--external-network", "198.51.100.0/24")  # for documentation: no machine has a way to it
        return self.run("up", "--wait", "1", "--ports", ports, *network, *argv)

    def read(self, name: str) -> Any:
        path = self.world.root / "podman" / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def write(self, name: str, value: object) -> None:
        self.world.write(f"podman/{name}.json", json.dumps(value))

    def running(self) -> set[str]:
        return {name.removeprefix("kollage-") for name, row in self.read("containers").items() if row["running"]}

    def calls(self, verb: str) -> list[str]:
        path = self.world.root / "podman/calls.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [row[-1].removeprefix("kollage-") for row in rows if row[0] == verb]

    def record(self) -> Any:
        return json.loads((self.place / "cloud.json").read_text(encoding="utf-8"))


def free_ports(count: int) -> list[int]:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


@pytest.fixture
def site(world: World) -> Site:
    fake(world, "podman")
    for name, text in FILES.items():
        world.write(f"images/{name}", text)
    names = ["mariadb", "keystone", "keystone-backend", "nova-api", "nova-api-backend", "haproxy"]
    made = Site(world, dict(zip(names, free_ports(len(names)), strict=True)))
    made.write("images", {f"localhost/kolla/{name}:2026.2-debian-trixie": f"id-{name}" for name in IMAGES})
    made.write("behaviour", {})
    return made


def test_everything_is_started_in_order_and_the_way_to_the_cloud_is_told(site: Site) -> None:
    told = site.up()
    assert told.code == 0, told.err
    order = [name for name in site.calls("start") if name != "haproxy"]
    assert order == ["mariadb", "databases", "keystone", "nova-api"]
    assert site.running() == {"haproxy", "mariadb", "keystone", "nova-api"}
    assert "the cloud is up: OS_CLIENT_CONFIG_FILE=~/home/.local/share/kollage/cloud/clouds.yaml" in told.out
    assert (site.place / "clouds.yaml").stat().st_mode & 0o777 == 0o600
    assert (site.place / "secrets.yaml").stat().st_mode & 0o777 == 0o600


def test_no_secret_is_on_a_command_line_or_in_what_is_printed(site: Site) -> None:
    told = site.up("--debug")
    secrets = yaml.safe_load((site.place / "secrets.yaml").read_text(encoding="utf-8"))["now"].values()
    calls = (site.world.root / "podman/calls.jsonl").read_text(encoding="utf-8")
    assert len(list(secrets)) == 4
    assert not [each for each in secrets if each in calls + told.out + told.err]


def test_a_second_run_does_nothing(site: Site) -> None:
    site.up()
    before = len(site.calls("start"))
    told = site.run("up")
    assert told.code == 0
    assert len(site.calls("start")) == before


def test_a_failure_is_named_with_its_last_lines_and_the_next_run_goes_on(site: Site) -> None:
    site.write("behaviour", {"codes": {"databases": 4}})
    told = site.up()
    assert told.code == 1
    assert "databases start failed" in told.out
    assert "a line of kollage-databases" in told.out
    assert "blocked (databases failed): keystone, nova-api" in told.out
    assert "kollage-databases" in site.read("containers")
    site.write("behaviour", {})
    assert site.run("up").code == 0
    assert site.calls("start").count("mariadb") == 1
    assert site.calls("start").count("databases") == 2


def test_what_ended_is_started_again_and_nothing_else(site: Site) -> None:
    site.up()
    found = site.read("containers")
    found["kollage-keystone"]["running"] = False
    site.write("containers", found)
    assert site.run("status").code == 1
    assert site.run("up").code == 0
    assert site.calls("start")[-1] == "keystone"
    assert len(site.calls("start")) == 6
    assert site.run("status").code == 0


def test_a_change_starts_anew_what_it_concerns(site: Site) -> None:
    site.up()
    site.world.write("own/nova/nova-api.conf", "[DEFAULT]\ndebug = true\n")
    told = site.run("reconfigure", "--node-custom-config", str(site.world.root / "own"))
    assert told.code == 0, told.err
    assert site.calls("start")[5:] == ["nova-api"]
    assert "debug = true" in (site.place / "config/nova-api/nova.conf").read_text(encoding="utf-8")


def test_new_secrets_are_everywhere_and_those_before_are_kept_for_who_knows_only_them(site: Site) -> None:
    site.up()
    before = yaml.safe_load((site.place / "secrets.yaml").read_text(encoding="utf-8"))["now"]
    assert site.run("reconfigure", "--rotate-secrets").code == 0
    after = yaml.safe_load((site.place / "secrets.yaml").read_text(encoding="utf-8"))
    assert after["before"] == before
    assert not set(after["now"].values()) & set(before.values())
    assert after["now"]["database_nova"] in (site.place / "config/nova-api/nova.conf").read_text(encoding="utf-8")
    assert set(site.calls("start")[5:]) == {"databases", "nova-api"}


def test_newer_images_wait_for_an_upgrade(site: Site) -> None:
    site.up()
    images = site.read("images")
    images["localhost/kolla/nova-api:2026.2-debian-trixie"] = "newer"
    site.write("images", {**images, "localhost/kolla/nova-api:old": "id-nova-api"})
    told = site.run("up")
    assert len(site.calls("start")) == 5
    assert told.err == "there are newer images; `kollage upgrade` brings them to the cloud\n"
    assert site.run("upgrade").code == 0
    assert site.calls("start")[5:] == ["nova-api"]
    assert site.record()["images"]["nova-api"] == "newer"


def test_what_is_asked_for_beside_stays_until_something_else_is_said(site: Site) -> None:
    site.up("--with", "heat")
    assert "heat-api" in site.running()
    site.run("up")
    assert "heat-api" in site.running()
    site.run("reconfigure", "--with", "")
    assert "heat-api" not in site.running()


def test_down_keeps_the_data_and_purge_leaves_nothing(site: Site) -> None:
    site.up()
    assert site.run("down").code == 0
    assert site.read("containers") == {}
    assert [name for name in site.calls("stop") if name != "haproxy"][:3] == ["nova-api", "keystone", "mariadb"]
    assert set(site.read("volumes")) == {"kollage_data", "kollage_kolla_logs"}
    assert (site.place / "secrets.yaml").exists()
    assert site.run("up").code == 0
    assert site.run("down", "--purge").code == 0
    assert (site.read("containers"), site.read("volumes")) == ({}, {})
    assert not site.place.exists()


def test_status_and_logs_are_for_people_and_programs(site: Site) -> None:
    site.up()
    told = site.run("status", "--format", "json")
    assert {name: row["state"] for name, row in json.loads(told.out)["services"].items()} == {
        "databases": "done",
        "haproxy": "running",
        "keystone": "running",
        "mariadb": "running",
        "nova-api": "running",
    }
    assert site.run("logs", "keystone").out == "a line of kollage-keystone\n"


def test_pods_are_written_and_nothing_is_started(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.ports["mariadb"])):  # such as what was played from it before
        told = site.up("--format", "kube")
    assert told.out == "~/home/.local/share/kollage/cloud/kube/cloud.yaml\n"
    assert site.calls("start") == []
    assert (site.place / "kube/cloud.yaml").stat().st_mode & 0o777 == 0o600


def test_tls_has_an_authority_of_its_own_that_clients_are_told_of(site: Site) -> None:
    site.world.write("bin/openssl", '#!/bin/sh\nexec /usr/bin/openssl "$@"\n').chmod(0o755)
    assert site.up("--tls").code == 0
    entry = json.loads((site.place / "clouds.yaml").read_text(encoding="utf-8"))["clouds"]["kollage"]
    assert Path(entry["cacert"]).read_text(encoding="utf-8").startswith("-----BEGIN CERTIFICATE-----")
    assert entry["auth"]["auth_url"].startswith("https://127.0.0.1:")


# --- what cannot be ---


def test_a_port_that_is_taken_is_named(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.ports["mariadb"])):
        told = site.up()
    assert told.code == 2
    assert re.match(f"error: port {site.ports['mariadb']}, which mariadb listens on, is taken by p", told.err)
    assert site.read("containers") == {}


def test_an_image_that_is_missing_is_named_with_the_command_that_builds_it(site: Site) -> None:
    images = {name: value for name, value in site.read("images").items() if "keystone" not in name}
    site.write("images", images)
    told = site.up()
    assert told.code == 2
    assert told.err == (
        "error: the store lacks what the cloud is made of: keystone\nhint: build it: kollage build '^keystone$'\n"
    )
    assert not site.place.exists()


@pytest.mark.parametrize(
    ("verb", "argv", "message"),
    [
        ("up", ("--with", "haet"), "--with: no service of the catalogue is called 'haet'\nhint: did you mean 'heat'?"),
        ("up", ("--address", "here"), "--address: 'here' is not valid\nhint: an address of this machine"),
        (
            "up",
            ("--external-network", "198.51.100.9/24"),
            "--external-network: 198.51.100.9/24 has host bits set",
        ),
        ("up", ("--node-custom-config", "no"), "--node-custom-config: there is no folder '~/here/no'"),
        ("logs", ("keystoen",), "the cloud has no service 'keystoen'\nhint: did you mean 'keystone'?"),
        ("logs", ("keystone",), "'keystone' has no container\nhint: see `kollage status`"),
        ("reconfigure", (), "there is no cloud in ~/home/.local/share/kollage/cloud\nhint: `kollage up` launches one"),
        ("upgrade", (), "there is no cloud in ~/home/.local/share/kollage/cloud\nhint: `kollage up` launches one"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_a_way_out(site: Site, verb: str, argv: tuple[str, ...], message: str) -> None:
    told = site.run(verb, *argv)
    assert told.code == 2
    assert told.err.startswith(f"error: {message}"), told.err
    assert site.read("containers") == {}


def test_a_file_of_the_operator_that_does_not_parse_is_named_before_anything_is_begun(site: Site) -> None:
    site.world.write("own/nova.conf", "[DEFAULT]\nnonsense\n[broken\n")
    told = site.up("--node-custom-config", str(site.world.root / "own"))
    assert told.code == 2
    assert told.err.startswith("error: ~/own/nova.conf:3: this does not parse: '[broken'")
    assert site.read("containers") == {}


def test_secrets_that_are_gone_are_told_and_not_made_anew(site: Site) -> None:
    site.up()
    (site.place / "secrets.yaml").unlink()
    told = site.run("up")
    assert told.code == 2
    assert "secrets.yaml is gone, and the cloud's data cannot be used without it" in told.err


def test_a_container_that_cannot_be_made_is_told(site: Site) -> None:
    site.write("behaviour", {"cannot-be-made": ["keystone"]})
    told = site.up()
    assert told.code == 1
    assert "no such device" in told.err


def test_status_without_a_cloud_says_so(site: Site) -> None:
    assert site.run("status") == Outcome(1, "there is no cloud; `kollage up` launches one\n", "")
    assert site.run("down") == Outcome(0, "there is no cloud\n", "")


def test_a_cloud_of_another_folder_is_neither_taken_over_nor_removed(site: Site) -> None:
    site.up()
    other = ("--cloud-dir", str(site.world.root / "other"))
    for verb in ("up", "down", "status"):
        told = site.run(verb, *other)
        assert told.code == 2
        assert told.err == (
            "error: this machine has a cloud already, in ~/home/.local/share/kollage/cloud\n"
            "hint: that one is meant by --cloud-dir ~/home/.local/share/kollage/cloud\n"
        )
    assert site.running() == {"haproxy", "mariadb", "keystone", "nova-api"}


def test_data_whose_secrets_are_elsewhere_are_told(site: Site) -> None:
    site.up()
    site.run("down")
    told = site.up("--cloud-dir", str(site.world.root / "other"))
    assert told.code == 2
    assert told.err.startswith("error: there are data of a cloud, and its folder is another one\n")
