"""Small machines to boot: a kernel and busybox of Debian, and a first root file system that is written here.

What a machine is for says its `Design`; it is made once and kept.
"""

import gzip
import hashlib
import lzma
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path

from kollage.archives.suites import Fetch, kept
from kollage.bootstrap import bootstrap_for
from kollage.errors import EngineError, SourceError
from kollage.guests import cpio, packages
from kollage.options import Options
from kollage.sources.download import network_of

CONSOLES: Mapping[str, str] = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
_SUITE = "trixie"
_FOLDERS = ("bin", "dev", "etc", "modules", "proc", "root", "run", "sys", "tmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a machine has beside its kernel and busybox."""

    modules: tuple[str, ...]  # that it loads; those that they stand on come by themselves
    files: Mapping[str, tuple[bytes, int]]  # path without a slash before it -> content and mode; one is `init`
    folders: tuple[str, ...] = ()  # beside those that every machine has


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What is booted."""

    kernel: Path
    ramdisk: Path
    command_line: str  # of the kernel
    version: str  # of the kernel's package


def guest(options: Options, design: Design) -> Guest:
    """Give a guest for the options' architecture: the one in the cache, else one that is made now.

    Raises `SourceError` where the archive cannot be reached or believed.
    """
    folder = options.cache_dir / "guest" / _recipe(options.base_arch, design)
    made = Guest(
        kernel=folder / "kernel",
        ramdisk=folder / "ramdisk",
        command_line=f"console=tty0 console={CONSOLES[options.base_arch]} panic=-1 quiet",
        version="",
    )
    if not (folder / "version").is_file():  # written last
        _make(options, design, folder)
    return replace(made, version=(folder / "version").read_text(encoding="utf-8"))


def ramdisk(design: Design, kernel: Mapping[str, bytes], busybox: bytes) -> bytes:
    """Write the first root file system out of a kernel package's files and a static busybox."""
    drivers = modules(design.modules, kernel)
    return gzip.compress(cpio.archive(_entries(design, drivers, busybox)), mtime=0)


def modules(names: Sequence[str], kernel: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The modules that a machine needs by name, each after those that it stands on.

    What is built into the kernel is no module. Raises `SourceError` where one is neither.
    """
    there = {
        _stem(path): (path, content)
        for path, content in kernel.items()
        if re.search(r"\.ko(\.xz|\.gz)?$", path) and "/modules/" in f"/{path}"
    }
    builtin = {_stem(path) for path in _text(kernel, "modules.builtin").split()}
    found: dict[str, bytes] = {}
    needs: dict[str, list[str]] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in builtin or name in found:
            continue
        if name not in there:
            raise SourceError(f"the kernel has neither a module nor a built-in {name}", hint="try another release")
        found[name] = _unpacked(*there[name])
        needs[name] = [each for each in _depends(found[name]) if each not in builtin]
        todo += needs[name]
    return {name: found[name] for name in TopologicalSorter(needs).static_order()}


def _make(options: Options, design: Design, folder: Path) -> None:
    recipe = bootstrap_for(replace(options, base="debian", base_tag=_SUITE, snapshot=""), epoch=0)
    if not recipe.keyring.exists():
        raise EngineError(
            f"{recipe.keyring} is missing: without it the package archive's signature cannot be checked",
            hint=f"install {recipe.keyring.stem}",
        )
    network = network_of(options.network, options.ca_bundle)
    fetch = kept(network, options.cache_dir / "indexes")
    pages = packages.index(recipe, network, fetch)
    kernel, opened = _kernel(recipe.arch, pages, fetch)
    busybox = packages.files(packages.newest("busybox-static", pages), fetch)
    image = next(content for path, content in opened.items() if path.startswith("boot/vmlinuz"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "kernel": image,
        "ramdisk": ramdisk(design, opened, busybox["usr/bin/busybox"]),
        "version": kernel.version.encode(),
    }.items():
        half = folder / f"{name}.half"
        half.write_bytes(content)
        half.replace(folder / name)


def _kernel(arch: str, pages: packages.Index, fetch: Fetch) -> tuple[packages.Package, Mapping[str, bytes]]:
    """The kernel that Debian has for clouds: an empty package that stands on the one with the files."""
    newest = packages.newest(f"linux-image-cloud-{arch}", pages)
    name = newest.depends.partition(" ")[0]
    found = packages.newest(name, pages)
    return found, packages.files(found, fetch)


def _entries(design: Design, drivers: Mapping[str, bytes], busybox: bytes) -> Iterator[cpio.Entry]:
    yield from map(cpio.folder, (*_FOLDERS, *design.folders))
    yield cpio.device("dev/console", 5, 1)  # the kernel opens it before anything is mounted
    yield cpio.file("bin/busybox", busybox, 0o755)
    for path, (content, mode) in design.files.items():
        yield cpio.file(path, content, mode)
    for name, content in drivers.items():
        yield cpio.file(f"modules/{name}.ko", content)
    yield cpio.file("modules/order", "".join(f"{name}.ko\n" for name in drivers).encode())


def _recipe(arch: str, design: Design) -> str:
    """Everything that a guest is made of here; the versions of the packages are those of the day it was made."""
    return hashlib.sha256(repr((arch, design, _FOLDERS)).encode()).hexdigest()[:16]


def _stem(path: str) -> str:
    """The name of a module: the kernel means the same by `-` and `_`."""
    return path.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


def _unpacked(path: str, content: bytes) -> bytes:
    unpack: Mapping[str, Callable[[bytes], bytes]] = {".xz": lzma.decompress, ".gz": gzip.decompress}
    return next((unpack[ending](content) for ending in unpack if path.endswith(ending)), content)


def _depends(module: bytes) -> list[str]:
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return [_stem(name) for name in found[1].decode().split(",") if name] if found else []


def _text(files: Mapping[str, bytes], name: str) -> str:
    return next((content.decode() for path, content in files.items() if path.rpartition("/")[2] == name), "")
