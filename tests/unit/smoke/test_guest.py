"""The machine that is booted: what is in its first root file system, in which order, the same every time."""

import gzip
import lzma
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.errors import SourceError
from kollage.smoke.guest import FILES, cpio, modules, ramdisk

MODULES = "lib/modules/6.12/kernel/drivers"
BUSYBOX = b"\x7fELF busybox"


def module(*depends: str) -> bytes:
    return b"\x7fELF\0license=GPL\0depends=" + ",".join(depends).encode() + b"\0name=x\0"


def kernel(**others: bytes) -> Mapping[str, bytes]:
    """The files of a kernel package: what the guest needs, some of it packed, some of it built in."""
    return {
        "boot/vmlinuz-6.12": b"MZ",
        "lib/modules/6.12/modules.builtin": b"kernel/drivers/char/hw_random/virtio-rng.ko\nkernel/lib/crc.ko\n",
        f"{MODULES}/virtio/virtio.ko.xz": lzma.compress(module()),
        f"{MODULES}/virtio/virtio_ring.ko": module("virtio"),
        f"{MODULES}/virtio/virtio_pci.ko.xz": lzma.compress(module("virtio", "virtio-ring", "crc")),
        f"{MODULES}/block/virtio_blk.ko.gz": gzip.compress(module("virtio", "virtio_ring")),
        f"{MODULES}/net/virtio_net.ko": module("virtio_ring"),
        f"{MODULES}/net/e1000.ko": module(),
        **{f"{MODULES}/{name}.ko": content for name, content in others.items()},
    }


def unpacked(image: bytes, folder: Path) -> Mapping[str, bytes]:
    """The files of a root file system, read by the tool that everybody has for it."""
    subprocess.run(["cpio", "--extract", "--quiet"], input=gzip.decompress(image), cwd=folder, check=True)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_modules_stand_behind_what_they_need_unpacked() -> None:
    found = modules(kernel())
    order = list(found)
    assert sorted(order) == ["virtio", "virtio_blk", "virtio_net", "virtio_pci", "virtio_ring"]
    assert order.index("virtio") < order.index("virtio_ring") < order.index("virtio_pci")
    assert all(content.startswith(b"\x7fELF") for content in found.values())


def test_a_kernel_without_a_driver_that_the_guest_needs_is_refused() -> None:
    files = {path: content for path, content in kernel().items() if "virtio_net" not in path}
    with pytest.raises(SourceError, match="neither a module nor a built-in virtio_net"):
        modules(files)


def test_the_same_kernel_gives_the_same_bytes() -> None:
    assert ramdisk(kernel(), BUSYBOX) == ramdisk(dict(reversed(list(kernel().items()))), BUSYBOX)


def test_the_root_file_system_has_a_first_process_and_all_that_it_calls(tmp_path: Path) -> None:
    files = unpacked(ramdisk(kernel(), BUSYBOX), tmp_path)
    assert files["bin/busybox"] == BUSYBOX
    assert files["modules/order"].decode().split()[0] == "virtio.ko"
    assert {f"modules/{name}" for name in files["modules/order"].decode().split()} < set(files)
    for script in ("init", "etc/dhcp", "etc/ready", "www/cgi-bin/disk"):
        assert (tmp_path / script).stat().st_mode & 0o777 == 0o755
        assert files[script].startswith(b"#!/bin/busybox sh\n")


def test_entries_are_what_the_tool_reads_them_as(tmp_path: Path) -> None:
    entries = [
        cpio.folder("a", 0o750),
        cpio.file("a/odd", b"12345", 0o640),
        cpio.file("a/empty", b""),
        cpio.link("a/to", "odd"),
    ]
    unpacked(gzip.compress(cpio.archive(entries)), tmp_path)
    assert (tmp_path / "a/odd").read_bytes() == b"12345"
    assert (tmp_path / "a/odd").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "a/empty").read_bytes() == b""
    assert (tmp_path / "a/to").readlink() == Path("odd")


def test_a_device_is_one() -> None:
    written = cpio.archive([cpio.device("dev/console", 5, 1)])
    listed = subprocess.run(
        ["cpio", "--list", "--verbose", "--quiet"], input=written, capture_output=True, check=True
    ).stdout.decode()
    assert listed.split()[0] == "crw-------"
    assert "5,   1" in listed


@pytest.mark.parametrize("name", ["init", "dhcp", "ready", "disk"])
def test_the_scripts_of_the_guest_are_sound(name: str) -> None:
    assert shutil.which("shellcheck"), "tools/setup test installs it"
    done = subprocess.run(["shellcheck", "--shell=sh", str(FILES / name)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
