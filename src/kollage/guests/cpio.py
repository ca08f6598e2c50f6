"""An archive of files as a kernel reads it for its first root file system: the form `newc` of cpio."""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MAGIC = "070701"
_END = "TRAILER!!!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, folder, link or device; it belongs to root and has no time."""

    path: str  # without a slash before it
    mode: int  # with the bits that say what it is
    content: bytes = b""  # of a link: where it leads
    device: tuple[int, int] = (0, 0)  # major and minor number


def folder(path: str, mode: int = 0o755) -> Entry:
    """A folder."""
    return Entry(path=path, mode=stat.S_IFDIR | mode)


def file(path: str, content: bytes, mode: int = 0o644) -> Entry:
    """A file."""
    return Entry(path=path, mode=stat.S_IFREG | mode, content=content)


def link(path: str, target: str) -> Entry:
    """A symbolic link."""
    return Entry(path=path, mode=stat.S_IFLNK | 0o777, content=target.encode())


def device(path: str, major: int, minor: int, mode: int = 0o600) -> Entry:
    """A character device."""
    return Entry(path=path, mode=stat.S_IFCHR | mode, device=(major, minor))


def archive(entries: Iterable[Entry]) -> bytes:
    """Write entries in their order, the same bytes for the same entries; a folder stands before what is in it."""
    return b"".join(_written([*entries, Entry(path=_END, mode=0)]))


def _written(entries: Iterable[Entry]) -> Iterator[bytes]:
    for number, entry in enumerate(entries, start=1):
        name = entry.path.encode() + b"\0"
        fields = (
            *(number, entry.mode, 0, 0, 1, 0, len(entry.content)),  # inode, mode, owner, group, links, time, size
            *(0, 0, *entry.device, len(name), 0),  # device it is on, device that it is, length of the name, checksum
        )
        head = _MAGIC + "".join(f"{value:08x}" for value in fields)
        yield _padded(head.encode() + name)
        yield _padded(entry.content)


def _padded(data: bytes) -> bytes:
    """Fill up to a multiple of four bytes."""
    return data + b"\0" * (-len(data) % 4)
