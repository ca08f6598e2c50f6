"""Programs that a distribution may not have, each fetched once into the folder of the virtual environment."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from uv import find_uv_bin

KEPT = Path(sys.prefix) / "kollage-tests"
POOL = "http://deb.debian.org/debian/pool/main/d/docker-buildx"
BUILDX = {
    "x86_64": ("amd64", "fcf8c48204d1603c8f209451d7827eb91bf30759578baf7704e9e1a87e5f1d7f"),
    "aarch64": ("arm64", "6cf361ab892b55753b728adcbd1a99f0616711df853dba64a5297a4a676d96b0"),
}
SQUASH = "docker-squash==1.2.2"


@cache
def buildx() -> Path:
    """docker's plugin for BuildKit: the machine's own, else that of Debian 13."""
    plugins = [*Path("/usr").glob("lib*/docker/cli-plugins/docker-buildx")]
    return plugins[0] if plugins else _debian_buildx()


def _debian_buildx() -> Path:
    architecture, digest = BUILDX[platform.machine()]
    package = KEPT / f"docker-buildx_0.13.1+ds1-3_{architecture}.deb"
    if not package.is_file():
        KEPT.mkdir(exist_ok=True)
        draft = package.with_suffix(f".{os.getpid()}")
        _run("curl", "--silent", "--show-error", "--fail", "--output", str(draft), f"{POOL}/{package.name}")
        assert hashlib.sha256(draft.read_bytes()).hexdigest() == digest
        draft.replace(package)
    program = KEPT / "buildx/usr/libexec/docker/cli-plugins/docker-buildx"
    if not program.is_file():
        _run("dpkg-deb", "--extract", str(package), str(KEPT / "buildx"))
    return program


@cache
def docker_squash() -> Path:
    """docker-squash: the machine's own, else that of the package index."""
    own = shutil.which("docker-squash")
    program = Path(own) if own else KEPT / "bin/docker-squash"
    if not program.is_file():
        where = {"UV_TOOL_DIR": str(KEPT / "tools"), "UV_TOOL_BIN_DIR": str(KEPT / "bin"), "UV_SYSTEM_CERTS": "true"}
        _run(find_uv_bin(), "tool", "install", "--quiet", "--python", sys.executable, SQUASH, **where)
    return program


def _run(*command: str, **environ: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
