"""A manifest is read for what is compared: its digest, the image's id, the platforms of an index."""

import json
import platform
from hashlib import sha256
from typing import Any

import pytest
from tests.unit.registry.stub import CONFIG, IMAGE

from kollage.errors import RegistryError
from kollage.registry.manifest import Manifest, read, this_platform


def manifest(facts: Any, content_type: str = "", digest: str = "") -> Manifest:
    return read(json.dumps(facts).encode(), content_type=content_type, digest=digest, host="quay.io")


def entry(digest: str, **platform: str) -> dict[str, object]:
    return {"digest": digest, "platform": platform}


def test_an_image_has_the_id_that_engines_know_and_the_size_of_its_layers() -> None:
    found = manifest(IMAGE)
    assert (found.config, found.size, found.platforms) == (CONFIG, 42, None)
    assert found.media_type == IMAGE["mediaType"]


def test_the_digest_is_what_the_registry_says_or_is_computed() -> None:
    own = f"sha256:{sha256(json.dumps(IMAGE).encode()).hexdigest()}"
    assert manifest(IMAGE).digest == manifest(IMAGE, digest=own).digest == own
    assert manifest(IMAGE, digest="sha512:ab").digest == "sha512:ab"


def test_what_is_not_what_its_digest_says_came_broken_and_may_come_whole() -> None:
    with pytest.raises(RegistryError, match="is not what it says") as caught:
        manifest(IMAGE, digest=f"sha256:{'0' * 64}")
    assert caught.value.transient


def test_where_the_manifest_does_not_say_what_it_is_the_header_does() -> None:
    facts = {name: value for name, value in IMAGE.items() if name != "mediaType"}
    kind = "application/vnd.oci.image.manifest.v1+json"
    assert manifest(facts, f"{kind}; charset=utf-8").media_type == kind


def test_an_index_has_platforms_but_not_what_is_attested_beside_them() -> None:
    entries = [
        entry("sha256:1", os="linux", architecture="amd64"),
        entry("sha256:2", os="linux", architecture="arm64", variant="v8"),
        entry("sha256:3", os="linux", architecture="arm", variant="v7"),
        entry("sha256:4", os="unknown", architecture="unknown"),
        {"digest": "sha256:5"},
    ]
    found = manifest({"schemaVersion": 2, "manifests": entries})
    assert found.platforms == {"linux/amd64": "sha256:1", "linux/arm64": "sha256:2", "linux/arm/v7": "sha256:3"}
    assert (found.config, found.size) == (None, 0)


def test_an_empty_index_is_an_index() -> None:
    assert manifest({"schemaVersion": 2, "manifests": []}).platforms == {}


def test_a_manifest_of_long_ago_has_no_configuration() -> None:
    found = manifest({"schemaVersion": 1, "fsLayers": []}, "application/vnd.docker.distribution.manifest.v1+prettyjws")
    assert (found.config, found.platforms) == (None, None)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"\xff", b'{"schemaVersion": 2, "config": 1, "layers": []}'])
def test_what_is_no_manifest_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(RegistryError, match=r"quay\.io answers with something that is no manifest") as caught:
        read(body, content_type="text/html", digest="", host="quay.io")
    assert not caught.value.transient


@pytest.mark.parametrize(
    ("machine", "name"), [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("s390x", "linux/s390x")]
)
def test_this_machine_is_called_as_images_call_it(monkeypatch: pytest.MonkeyPatch, machine: str, name: str) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert this_platform() == name
