"""An image of one layer as the file that `docker load` reads.

`docker import` takes a platform and old daemons forget it, so what a root file system is for is written down here.
"""

import hashlib
import json
import platform as machine
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def write_image(layer: Path, target: Path, reference: str, labels: Mapping[str, str], platform: str) -> None:
    """Write the image of a root file system, an uncompressed tar; without a platform it is for this machine."""
    system, _, architecture = (platform or f"linux/{_own_architecture()}").partition("/")
    with layer.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    facts = {
        "architecture": architecture,
        "os": system,
        "config": {"Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created_by": "the root file system of a distribution"}],
    }
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as image:
        image.add(layer, "layer.tar")
        for name, content in {"config.json": facts, "manifest.json": manifest}.items():
            text = json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(text)
            image.addfile(member, BytesIO(text))


def _own_architecture() -> str:
    return _ARCHITECTURES.get(machine.machine(), machine.machine())
