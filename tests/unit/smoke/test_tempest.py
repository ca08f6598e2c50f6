"""What Tempest is told of a cloud, how it is run, and how its verdict is read."""

import configparser
import json
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest
from tests.unit.smoke.fake_cloud import Clock, FakeCloud, bench_of

from kollage.engines.containers import Containers, Service
from kollage.process import CommandError
from kollage.smoke import tempest
from kollage.smoke.bench import Made
from kollage.smoke.cloud import Endpoint, Login
from kollage.smoke.faults import CloudError
from kollage.smoke.place import Place

LOGIN = {"auth_url": "https://c:5000/v3", "username": "admin", "password": "p%1$", "project_name": "admin"}
DOMAINS = {"user_domain_name": "Default", "project_domain_name": "Default"}
PASSED = """\
{0} tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image [0.9s] ... ok
======
Totals
======
Ran: 3 tests in 8.0 sec.
 - Passed: 2
 - Skipped: 1
 - Expected Fail: 0
 - Unexpected Success: 0
 - Failed: 0
"""
FAILED = """\
{0} tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_reboot_server_hard [9.9s] ... FAILED
{0} setUpClass (tempest.api.compute.test_versions.TestVersions) [0.0s] ... FAILED
 - Passed: 2
 - Skipped: 0
 - Failed: 2
"""


class Ran:
    """An engine whose containers print what they are told to."""

    def __init__(self, lines: Sequence[str], *, code: int = 0) -> None:
        self.lines, self.code = lines, code
        self.services: list[Service] = []

    def run(self, service: Service, on_line: Callable[[str], None]) -> str:
        self.services.append(service)
        for line in self.lines:
            on_line(line)
        if self.code:
            raise CommandError(["podman", "run"], self.code, list(self.lines) or ["no such image"])
        return ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    entry = {"auth": {**LOGIN, **DOMAINS}, "region_name": "RegionOne"}
    (tmp_path / "clouds.yaml").write_text(json.dumps({"clouds": {"kollage": entry}}), encoding="utf-8")
    return Place(clouds=tmp_path / "clouds.yaml", folder=tmp_path, external="external")


def made(*services: str) -> Made:
    endpoints = tuple(Endpoint(service=each, interface="public", url="") for each in services)
    login = Login(user="admin", project="admin", until="", endpoints=endpoints)
    return Made(login=login, image="i-1", flavor="f-1", external="n-1")


def ran(place: Place, engine: Ran, *services: str) -> str:
    act = tempest.step(place, place.clouds.parent, lambda: cast(Containers, engine), "kolla/tempest:1")
    return act(bench_of(FakeCloud(clock=Clock()), place.clouds.parent), made(*services))[1]


def written(place: Place) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read(place.clouds.parent / "tempest/tempest.conf")
    return parser


def test_it_is_told_of_the_cloud_and_of_what_the_steps_made(place: Place) -> None:
    ran(place, Ran(PASSED.splitlines()))
    conf = written(place)
    assert conf["auth"]["admin_password"] == "p%1$"
    assert conf["identity"]["uri_v3"] == "https://c:5000/v3"
    assert (conf["compute"]["image_ref"], conf["compute"]["flavor_ref"]) == ("i-1", "f-1")
    assert conf["network"]["public_network_id"] == "n-1"
    assert conf["service_available"]["cinder"] == "false"
    assert "ca_certificates_file" not in conf["identity"]


def test_it_is_told_of_volumes_where_there_are_some(place: Place) -> None:
    ran(place, Ran(PASSED.splitlines()), "volumev3")
    assert written(place)["service_available"]["cinder"] == "true"


def test_the_authority_of_the_cloud_goes_with_it(place: Place) -> None:
    (place.clouds.parent / "ca.pem").write_text("CERTIFICATE", encoding="ascii")
    found = json.loads(place.clouds.read_text(encoding="utf-8"))
    found["clouds"]["kollage"]["cacert"] = str(place.clouds.parent / "ca.pem")
    place.clouds.write_text(json.dumps(found), encoding="utf-8")
    ran(place, Ran(PASSED.splitlines()))
    assert written(place)["identity"]["ca_certificates_file"] == "/etc/tempest/ca.pem"
    settings = json.loads((place.clouds.parent / "tempest/config.json").read_text(encoding="utf-8"))
    assert [each["dest"] for each in settings["config_files"]] == [
        "/etc/tempest/tempest.conf",
        "/etc/tempest/run",
        "/etc/tempest/ca.pem",
    ]


def test_the_password_is_in_a_file_of_its_owner_and_on_no_command_line(place: Place) -> None:
    engine = Ran(PASSED.splitlines())
    ran(place, engine)
    assert stat.S_IMODE((place.clouds.parent / "tempest/tempest.conf").stat().st_mode) == 0o600
    assert stat.S_IMODE((place.clouds.parent / "tempest").stat().st_mode) == 0o700
    assert "p%1$" not in repr(engine.services)


def test_what_passed_is_told_and_all_that_it_printed_is_kept(place: Place) -> None:
    said = ran(place, Ran(PASSED.splitlines()))
    assert said == f"2 passed, 0 failed, 1 skipped (log: {place.clouds.parent}/tempest.log)"
    assert (place.clouds.parent / "tempest.log").read_text(encoding="utf-8") == PASSED


def test_tests_that_failed_are_named(place: Place) -> None:
    with pytest.raises(CloudError) as caught:
        ran(place, Ran(FAILED.splitlines(), code=1))
    assert caught.value.answered.splitlines() == [
        "2 passed, 2 failed, 0 skipped",
        "tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_reboot_server_hard",
        "setUpClass (tempest.api.compute.test_versions.TestVersions)",
    ]


@pytest.mark.parametrize("lines", [[], ["Traceback", "no route to host"], [" - Passed: 0", " - Failed: 0"]])
def test_a_run_that_tested_nothing_is_a_failure(place: Place, lines: list[str]) -> None:
    with pytest.raises(CloudError) as caught:
        ran(place, Ran(lines, code=1))
    assert caught.value.hint == f"see {place.clouds.parent}/tempest.log"
    assert caught.value.tail == tuple(lines or ["no such image"])
