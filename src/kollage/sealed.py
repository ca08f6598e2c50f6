"""The host's network for RUN lines: written into a private folder, handed to the engine as secrets, left nowhere.

A build sees three files: `network`, a shell text that exports proxies, package indexes and where to find the
authorities; `ca-bundle`, the host's trusted certificates, empty where the image's own are enough; and `apt`, which
tells apt of them.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

from kollage.options import Options

_MOUNTED = "/run/kollage/ca-bundle"
_TRUST = (
    "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
_APT = "/run/kollage/apt"


def write_secrets(options: Options, folder: Path) -> Mapping[str, Path]:
    """Write the files, readable by their owner only, and say which secret each one is."""
    bundle = options.ca_bundle.read_bytes() if options.ca_bundle else b""
    return {
        "network": _write(folder / "network", network_script(options).encode()),
        "ca-bundle": _write(folder / "ca-bundle", bundle),
        "apt": _write(folder / "apt", f'Acquire::https::CAInfo "{_MOUNTED}";\n'.encode() if bundle else b""),
    }


def network_script(options: Options) -> str:
    """The shell text that a RUN line reads before it uses the network."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(options.network.items())]
    if options.ca_bundle:
        lines += [f"export {name}={_MOUNTED}" for name in _TRUST]
        lines.append(f"export APT_CONFIG={_APT}")
    return "".join(f"{line}\n" for line in lines)


def _write(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
