"""The instance that is booted in a cloud.

It asks for its address by DHCP, fetches who it is from the metadata service, says so on its console and to whoever
asks over HTTP, and writes to a disk on demand. Nobody logs in but on the console.
"""

from collections.abc import Mapping
from pathlib import Path

from kollage import guests
from kollage.guests import Design, Guest
from kollage.options import Options

MARKER = "kollage-guest: ready"
FILES = Path(__file__).parent / "files"
_PLACES: Mapping[str, tuple[str, int]] = {
    "init": ("init", 0o755),
    "dhcp": ("etc/dhcp", 0o755),
    "ready": ("etc/ready", 0o755),
    "page": ("etc/page", 0o644),
    "disk": ("www/cgi-bin/disk", 0o755),
}
# on the console only, where whoever reads it may do anything with the instance: root has no password
_ACCOUNTS = {"etc/passwd": "root::0:0:root:/root:/bin/sh\n", "etc/group": "root:x:0:\n", "etc/issue": "Kollage guest\n"}


def guest(options: Options) -> Guest:
    """Give the instance for the options' architecture. Raises `SourceError`."""
    return guests.guest(options, design())


def design() -> Design:
    """What the instance has beside its kernel and busybox."""
    scripts = {path: ((FILES / name).read_bytes(), mode) for name, (path, mode) in _PLACES.items()}
    accounts = {path: (text.encode(), 0o644) for path, text in _ACCOUNTS.items()}
    return Design(
        modules=("virtio_pci", "virtio_blk", "virtio_net", "virtio_rng"),
        files={**scripts, **accounts},
        folders=("www", "www/cgi-bin"),
    )
