"""What the catalogue says of deployments makes a whole cloud: every template is filled, every file parses."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml
from tests.unit.deploy.clouds import HOST, chosen, decided

from kollage.catalogue import IMAGES, Catalogue, load_catalogue
from kollage.deploy import compose, facts, ini, kube
from kollage.deploy.checks import require_ports
from kollage.deploy.cloud import Cloud, File, wanted
from kollage.deploy.facts import deployments

REFERENCE = Path(__file__).parents[3] / "docs/reference/deploy-toml.md"
_KEY = re.compile(r'(?:text|texts|number|flag|mapping|table|tables)\(\s*"([a-z-]+)"')


@cache
def real() -> Catalogue:
    return load_catalogue(IMAGES)


def options() -> tuple[str, ...]:
    return tuple(sorted({unit.option for each in deployments(real()) for unit in each.units if unit.option}))


@cache
def clouds() -> tuple[Cloud, ...]:
    """The cloud with the least in it, and the one with all."""
    most = chosen(extra=options(), tls=True, address="192.0.2.7")
    host = replace(HOST, kvm=True, openvswitch=True)
    return decided(real()), decided(real(), most, host=host, certificate={"authority": "A", "front": "F"})


@pytest.fixture(params=["least", "most"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    least, most = clouds()
    return most if request.param == "most" else least


def files(cloud: Cloud) -> list[File]:
    return [
        *cloud.files,
        compose.file(cloud, Path("/c")),
        *(file for part in cloud.parts.values() for file in part.files),
    ]


def test_every_file_parses_as_what_it_is(cloud: Cloud) -> None:
    for file in files(cloud):
        if file.path.endswith(".json"):
            json.loads(file.text)
        elif file.path.endswith(".yaml"):
            yaml.safe_load(file.text)
        elif file.path.endswith((".conf", ".ini")) and not re.search("rabbitmq|libvirtd|qemu", file.path):
            assert ini.parsed(file.text, Path(file.path)), file.path
        elif file.path.endswith(".py"):
            compile(file.text, file.path, "exec")


def test_secrets_are_in_files_of_their_owner_alone_and_on_no_command_line(cloud: Cloud) -> None:
    secret = re.compile(r"<[a-z_]+>")
    for part in cloud.parts.values():
        assert not secret.search(repr(part.unit)), part.unit.name
        for file in part.files:
            assert file.mode == 0o600 or not secret.search(file.text), file.path
    assert not secret.search(compose.file(cloud, Path("/c")).text)


def test_no_two_units_listen_on_one_port() -> None:
    require_ports(wanted(deployments(real()), chosen(extra=options())), HOST, {})


def test_every_service_has_a_health_check_and_says_what_memory_it_holds() -> None:
    for part in clouds()[1].parts.values():
        assert part.unit.once or part.unit.healthy, part.unit.name
        assert part.unit.once or part.unit.memory, part.unit.name


def test_nothing_listens_outside_of_the_address_that_was_chosen() -> None:
    for cloud in clouds():
        for part in cloud.parts.values():
            told = " ".join([part.unit.command, *(file.text for file in part.files)])
            assert "0.0.0.0" not in told
            assert not re.search(r"(?m)^(http-socket|bind-address) = (?!127\.0\.0\.1)", told)


def test_the_whole_cloud_is_written_as_pods() -> None:
    for cloud in clouds():
        (file,) = kube.files(cloud, Path("/c"))
        pods = [each for each in yaml.safe_load_all(file.text) if each["kind"] == "Pod"]
        assert len(pods) == len(cloud.parts)


def test_the_reference_names_every_key_and_no_other() -> None:
    known = set(_KEY.findall(Path(facts.__file__).read_text(encoding="utf-8")))
    rows = re.findall(r"(?m)^\| `([a-z-]+)` \| (?:text|list|table|true|whole)", REFERENCE.read_text(encoding="utf-8"))
    within = {"to", "template", "type", "unit", "path"}  # of files and endpoints, which one line describes
    assert (known - within) | {"job"} == set(rows)
