"""The machine that is booted: what is in its first root file system, in which order, the same every time."""

import gzip
import lzma
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.errors import SourceError
from kollage.guests import Design, cpio, machines, modules, ramdisk
from kollage.smoke.guest import FILES, design

DRIVERS = "lib/modules/6.12/kernel/drivers"
BUSYBOX = b"\x7fELF busybox"


def module(*depends: str) -> bytes:
    return b"\x7fELF\0license=GPL\0depends=" + ",".join(depends).encode() + b"\0name=x\0"


def kernel(**others: bytes) -> Mapping[str, bytes]:
    """The files of a kernel package: what the guest needs, some of it packed, some of it built in."""
    return {
        "boot/vmlinuz-6.12": b"MZ",
        "lib/modules/6.12/modules.builtin": b"kernel/drivers/char/hw_random/virtio-rng.ko\nkernel/lib/crc.ko\n",
        f"{DRIVERS}/virtio/virtio.ko.xz": lzma.compress(module()),
        f"{DRIVERS}/virtio/virtio_ring.ko": module("virtio"),
        f"{DRIVERS}/virtio/virtio_pci.ko.xz": lzma.compress(module("virtio", "virtio-ring", "crc")),
        f"{DRIVERS}/block/virtio_blk.ko.gz": gzip.compress(module("virtio", "virtio_ring")),
        f"{DRIVERS}/net/virtio_net.ko": module("virtio_ring"),
        f"{DRIVERS}/net/e1000.ko": module(),
        **{f"{DRIVERS}/{name}.ko": content for name, content in others.items()},
    }


def unpacked(image: bytes, folder: Path) -> Mapping[str, bytes]:
    """The files of a root file system, read by the tool that everybody has for it."""
    subprocess.run(["cpio", "--extract", "--quiet"], input=gzip.decompress(image), cwd=folder, check=True)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_modules_stand_behind_what_they_need_unpacked() -> None:
    found = modules(design().modules, kernel())
    order = list(found)
    assert sorted(order) == ["virtio", "virtio_blk", "virtio_net", "virtio_pci", "virtio_ring"]
    assert order.index("virtio") < order.index("virtio_ring") < order.index("virtio_pci")
    assert all(content.startswith(b"\x7fELF") for content in found.values())


def test_a_kernel_without_a_driver_that_the_guest_needs_is_refused() -> None:
    files = {path: content for path, content in kernel().items() if "virtio_net" not in path}
    with pytest.raises(SourceError, match="neither a module nor a built-in virtio_net"):
        modules(design().modules, files)


def test_the_same_kernel_gives_the_same_bytes() -> None:
    assert ramdisk(design(), kernel(), BUSYBOX) == ramdisk(design(), dict(reversed(list(kernel().items()))), BUSYBOX)


def test_the_root_file_system_has_a_first_process_and_all_that_it_calls(tmp_path: Path) -> None:
    files = unpacked(ramdisk(design(), kernel(), BUSYBOX), tmp_path)
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


def test_a_machine_has_the_modules_that_a_service_needs_beside_those_of_its_own_devices(tmp_path: Path) -> None:
    own = {f"{name}": module() for name in ("virtio_console", "virtio_scsi", "sd_mod", "dm-multipath")}
    files = unpacked(ramdisk(machines.design(["dm_multipath"]), kernel(**own), BUSYBOX), tmp_path)
    assert {"dm_multipath.ko", "virtio_blk.ko", "virtio_scsi.ko"} < set(files["modules/order"].decode().split())
    assert (tmp_path / "image").is_dir()
    assert (tmp_path / "configuration").is_dir()


def test_what_a_design_says_is_in_the_root_file_system_with_its_mode(tmp_path: Path) -> None:
    made = Design(modules=(), files={"init": (b"#!", 0o755), "a/b": (b"c", 0o600)}, folders=("a",))
    files = unpacked(ramdisk(made, kernel(), BUSYBOX), tmp_path)
    assert (files["a/b"], (tmp_path / "a/b").stat().st_mode & 0o777) == (b"c", 0o600)
    assert files["modules/order"] == b""


SCRIPTS = [*(FILES / name for name in ("init", "dhcp", "ready", "disk")), machines.FILES / "init"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parts[-3]}-{script.name}")
def test_the_scripts_are_sound(script: Path) -> None:
    assert shutil.which("shellcheck"), "tools/setup test installs it"
    done = subprocess.run(["shellcheck", "--shell=sh", str(script)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
