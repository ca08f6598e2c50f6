"""The real registry on a free port of this machine, and images made by hand: no engine's store is touched."""

import gzip
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

PROGRAM = "docker-registry"
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/s390x")
_INDEX = "application/vnd.oci.image.index.v1+json"
_IMAGE = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Here it is registries that may not be left running; the engines, whom the others look at, have no part."""
    for program in (PROGRAM, "skopeo"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    yield
    folder = str(tmp_path_factory.getbasetemp()).encode()
    lines = [_command_line(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert [line for line in lines if PROGRAM.encode() in line and folder in line] == []


def _command_line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True)
class Layout:
    """Images in a folder: what they are called there, and what they have to be called by a registry."""

    folder: Path
    entries: list[dict[str, Any]] = field(default_factory=list)

    def image(self, tag: str, content: bytes, platform: str = "") -> "Image":
        """Add an image of one small file."""
        system, architecture = (platform or PLATFORMS[0]).split("/")
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            member = tarfile.TarInfo("file")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        difference = f"sha256:{sha256(raw.getvalue()).hexdigest()}"
        layer = self._blob(gzip.compress(raw.getvalue(), mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
        facts = {"os": system, "architecture": architecture, "rootfs": {"type": "layers", "diff_ids": [difference]}}
        config = self._blob(_json({**facts, "config": {}}), "application/vnd.oci.image.config.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": _IMAGE, "config": config, "layers": [layer]}
        entry = self._blob(_json(manifest), _IMAGE)
        self._named(tag, entry)
        return Image(entry["digest"], config["digest"].removeprefix("sha256:"), layer["size"], entry)

    def index(self, tag: str, **images: "Image") -> str:
        """Add an index of images by architecture, and give its digest."""
        entries = [{**image.entry, "platform": {"os": "linux", "architecture": name}} for name, image in images.items()]
        entry = self._blob(_json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}), _INDEX)
        self._named(tag, entry)
        return str(entry["digest"])

    def _named(self, tag: str, entry: dict[str, Any]) -> None:
        self.entries.append({**entry, "annotations": {"org.opencontainers.image.ref.name": tag}})
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (self.folder / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": self.entries}))

    def _blob(self, content: bytes, media_type: str) -> dict[str, Any]:
        blobs = self.folder / "blobs/sha256"
        blobs.mkdir(parents=True, exist_ok=True)
        name = sha256(content).hexdigest()
        (blobs / name).write_bytes(content)
        return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(content)}


@dataclass(frozen=True)
class Image:
    """What an image is called."""

    digest: str
    config: str
    size: int
    entry: dict[str, Any]


def _json(facts: object) -> bytes:
    return json.dumps(facts, sort_keys=True).encode()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "layout").mkdir()
    return Layout(tmp_path / "layout")


def skopeo(*arguments: str) -> None:
    """Run skopeo, which is silent when all went well."""
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"skopeo {' '.join(arguments)}: {done.stderr}"


def push(layout: Layout, tag: str, reference: str, *flags: str) -> None:
    """Push an image of a layout as engines do."""
    plain = [] if any(flag.startswith("--dest-cert-dir") for flag in flags) else ["--dest-tls-verify=false"]
    source = f"oci:{layout.folder}:{tag}"
    skopeo("copy", "--insecure-policy", "--quiet", *plain, *flags, source, f"docker://{reference}")


@contextmanager
def running(folder: Path, **http_and_auth: object) -> Iterator[str]:
    """Start a registry and give its host."""
    folder.mkdir()
    host = f"127.0.0.1:{free_port()}"
    facts: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": host},
    }
    for name, value in http_and_auth.items():
        facts[name] = {**facts[name], **value} if name in facts and isinstance(value, dict) else value
    config = folder / "config.json"
    config.write_text(json.dumps(facts))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([PROGRAM, "serve", config], stdout=log, stderr=log, env=environ)
    try:
        _until_it_listens(host, child, folder / "log")
        yield host
    finally:
        child.terminate()
        child.wait()


def _until_it_listens(host: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    name, port = host.split(":")
    while True:
        assert child.poll() is None, log.read_text()
        try:
            socket.create_connection((name, int(port))).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return


Registry = Callable[..., str]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A function that starts a registry and gives its host; all end with the test."""
    with ExitStack() as stack:
        names = iter(range(100))

        def begin(**http_and_auth: object) -> str:
            return stack.enter_context(running(tmp_path / f"registry-{next(names)}", **http_and_auth))

        yield begin
