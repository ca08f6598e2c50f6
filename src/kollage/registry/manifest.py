"""What a registry has under a name: one image, or an index of images for several platforms."""

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kollage.errors import RegistryError

ACCEPTED = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)

_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i686": "386",
    "loongarch64": "loong64",
}
_SAME = {"linux/arm64/v8": "linux/arm64"}  # one platform, two spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An image as a registry has it."""

    digest: str  # of the manifest or the index: `sha256:…`
    media_type: str
    config: str | None  # the digest of its configuration without `sha256:`, which is what engines call the image's id
    size: int  # bytes of its layers as they travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest as it was read."""

    digest: str
    media_type: str
    config: str | None = None
    size: int = 0
    platforms: Mapping[str, str] | None = None  # of an index: platform -> digest


def this_platform() -> str:
    """The platform of this machine, as images call it."""
    machine = platform.machine()
    return f"linux/{_MACHINES.get(machine, machine)}"


def read(body: bytes, *, content_type: str, digest: str, host: str) -> Manifest:
    """Read what a registry gave for a name. Raises `RegistryError` where that is no manifest or not the whole of it."""
    own = f"sha256:{sha256(body).hexdigest()}"
    if digest.startswith("sha256:") and digest != own:
        raise RegistryError(f"what {host} gives is not what it says: {own} instead of {digest}", transient=True)
    try:
        return _manifest(json.loads(body), content_type.partition(";")[0].strip(), digest or own)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RegistryError(
            f"{host} answers with something that is no manifest of an image", hint="is it a registry?"
        ) from None


def labels(body: bytes, *, config: str, host: str) -> Mapping[str, str]:
    """The labels in an image's configuration. Raises `RegistryError` where that is not the one it is said to be."""
    if sha256(body).hexdigest() != config:
        raise RegistryError(f"what {host} gives is not what it says: it is not sha256:{config}", transient=True)
    try:
        found = json.loads(body).get("config", {}).get("Labels") or {}
        return {str(name): str(value) for name, value in found.items()}
    except (ValueError, AttributeError):
        raise RegistryError(f"{host} has an image whose configuration cannot be read", hint="push it anew") from None


def normal(name: str) -> str:
    """The one spelling of a platform that has two."""
    return _SAME.get(name, name)


def _manifest(facts: Any, content_type: str, digest: str) -> Manifest:
    media_type = facts.get("mediaType") or content_type
    if "manifests" in facts:
        return Manifest(digest=digest, media_type=media_type, platforms=dict(_platforms(facts["manifests"])))
    if facts["schemaVersion"] == 1:  # of long ago: it has no configuration
        return Manifest(digest=digest, media_type=media_type)
    return Manifest(
        digest=digest,
        media_type=media_type,
        config=facts["config"]["digest"].removeprefix("sha256:"),
        size=sum(int(layer["size"]) for layer in facts["layers"]),
    )


def _platforms(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries:
        facts = entry.get("platform") or {}
        words = [facts.get("os"), facts.get("architecture"), facts.get("variant")]
        if words[0] and words[0] != "unknown":  # what buildx attests of an image stands beside it as unknown
            yield normal("/".join(filter(None, words))), entry["digest"]
