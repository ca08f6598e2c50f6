"""What images are verified with is whole, also where nobody could start them yet; and who is not started says why."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from kollage.catalogue import load_catalogue
from kollage.image import Image

CATALOGUE = load_catalogue()
STARTED = [image for image in CATALOGUE.images.values() if image.verify.healthy]
PACKAGED = {"ceph"}  # accounts that packages of the distribution make
FILES = "/var/lib/kolla/config_files/"
LISTENS = re.compile(r"(?:healthcheck_listen \S+ |(?:127\.0\.0\.1|localhost):)(\d+)")
VENDORS = [image for image in CATALOGUE.images.values() if image.verify.unproven]
PINNED = re.compile(r"[0-9a-f]{64}|[0-9a-f]{128}")
SIGNED = ("vendor/packages.j2", "handle_repos")  # packages with a key
ELSEWHERE = {"storm", "qdrouterd"}  # of an image that it stands on, and of the distribution


def configuration(image: Image) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = json.loads(image.configuration["config.json"].path.read_text(encoding="utf-8"))
    return facts


@pytest.mark.parametrize("image", STARTED, ids=lambda image: image.name)
def test_the_configuration_of_a_service_that_is_started_is_whole(image: Image) -> None:
    if image.verify.systemd:
        assert not image.configuration, "systemd starts what its units say, not what kolla_start is told"
        return
    facts = configuration(image)
    assert facts["command"].strip()
    entries = [*facts.get("config_files", []), *facts.get("directories", []), *facts.get("files", [])]
    for entry in entries:
        assert {*entry["owner"].split(":")} - {""} <= {*CATALOGUE.accounts, *PACKAGED, "root"}, entry
        assert re.fullmatch(r"[0-7]{3,4}", entry["perm"]), entry
    named = {entry["source"].removeprefix(FILES) for entry in facts.get("config_files", [])}
    scripts = [
        file.path.read_text(encoding="utf-8") for name, file in image.configuration.items() if name.endswith(".sh")
    ]
    named |= set(re.findall(rf"{FILES}(\S+)", " ".join((facts["command"], *image.verify.healthy, *scripts))))
    assert named == set(image.configuration) - {"config.json"}, "each file is used, and each that is used is there"


def test_an_api_under_uwsgi_is_seen_alive_as_kolla_ansible_configures_it() -> None:
    """It names neither a plugin for HTTP nor a virtual environment: both are the image's."""
    named = {
        name: file for image in STARTED for name, file in image.configuration.items() if name.endswith("-uwsgi.ini")
    }
    assert len(named) > 30
    for name, file in named.items():
        keys = {line.partition(" =")[0] for line in file.path.read_text(encoding="utf-8").splitlines()}
        assert {"http", "plugins"} <= keys, name
        assert not keys & {"http-socket", "virtualenv"}, name


def test_services_that_share_a_network_listen_on_ports_of_their_own() -> None:
    beside = {name for image in CATALOGUE.images.values() for name in image.verify.needs}
    sharing = [image for image in STARTED if image.verify.needs or image.name in beside]
    asked = {image.name: set(LISTENS.findall(" ".join(image.verify.healthy))) for image in CATALOGUE.images.values()}
    others = {image.name: {port for need in image.verify.needs for port in asked[need]} for image in sharing}
    ports = [port for image in sharing for port in asked[image.name] - others[image.name]]
    assert len(ports) > 20
    assert {port for port in ports if ports.count(port) > 1} == set()


def line_of(name: str | None) -> list[Image]:
    """An image and all it stands on."""
    return [CATALOGUE.images[name], *line_of(CATALOGUE.images[name].parent)] if name else []


def test_every_image_that_is_not_started_says_why() -> None:
    silent = {
        name
        for name, image in CATALOGUE.images.items()
        if CATALOGUE.is_leaf(name)
        and not any(each.unsupported_on("debian", "x86_64") for each in line_of(name))
        and not (image.verify.healthy or image.verify.not_started or image.verify.unproven)
    }
    assert silent == set()


@pytest.mark.parametrize("image", VENDORS, ids=lambda image: image.name)
def test_what_comes_from_a_vendor_is_signed_or_held_against_a_checksum(image: Image) -> None:
    if image.name in ELSEWHERE:
        return
    sums = [value for source in image.sources for value in source.sha256.values()]
    assert all(PINNED.fullmatch(value) for value in sums)
    template = image.template.read_text(encoding="utf-8") if image.template else ""
    python = any(source.type == "pypi" for source in image.sources)
    assert sums or python or any(word in template for word in SIGNED) or PINNED.search(template)
