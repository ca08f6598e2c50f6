"""Executables and libraries: for what machine a file is built, and what it asks the loader for.

Only the dynamic section is read, with `struct`: reading a whole image so takes a tenth of what a general reader of ELF
files takes.
"""

import itertools
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

MAGIC = b"\x7fELF"
MACHINES: Mapping[int, str] = MappingProxyType({0x3E: "x86_64", 0xB7: "aarch64"})  # the only ones whose files are read

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_TAG = struct.Struct("<QQ")
_64_BIT_LITTLE_ENDIAN = b"\x02\x01"
_RELOCATABLE = 1  # a kind of file: what is linked, or loaded by the kernel, as programs for its networking are
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3  # kinds of segments
_END, _NEEDED, _STRINGS, _STRINGS_SIZE, _RPATH, _RUNPATH = 0, 1, 5, 10, 15, 29  # tags of the dynamic section
_LONGEST = 4096  # of names and paths; what is longer is no path


class BrokenElfError(ValueError):
    """A file that begins like an executable and is cut off or contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elf:
    """What an executable or a library asks for. Of machines besides `MACHINES` nothing but the machine is known."""

    machine: str  # "" for every other one
    interpreter: str = ""  # the loader that the kernel starts for it
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


def read_elf(path: str | Path) -> Elf | None:
    """What a file asks for; None if it is neither executable nor library."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.read(file, len(MAGIC)) != MAGIC:
            return None
        with mmap.mmap(file, 0, access=mmap.ACCESS_READ) as data:
            return _read(data)
    finally:
        os.close(file)


def _read(data: mmap.mmap) -> Elf | None:
    if data[4:6] != _64_BIT_LITTLE_ENDIAN:
        return Elf(machine="")
    _, kind, machine, *_, size, count, _, _, _ = _unpacked(_HEADER, data, 0)
    if kind == _RELOCATABLE:
        return None
    if machine not in MACHINES:
        return Elf(machine="")
    if count and size != _SEGMENT.size:
        raise BrokenElfError("its table of segments has entries of a wrong size")
    segments = tuple(_segments(data, count))
    tags = tuple(_tags(data, segments))
    strings = _Strings(data, segments, dict(tags))
    return Elf(
        machine=MACHINES[machine],
        interpreter=next((_text(data, each.offset, each.size) for each in segments if each.kind == _INTERPRETER), ""),
        needed=tuple(strings.at(value) for tag, value in tags if tag == _NEEDED),
        rpath=_folders(strings.at(value) for tag, value in tags if tag == _RPATH),
        runpath=_folders(strings.at(value) for tag, value in tags if tag == _RUNPATH),
    )


def _segments(data: mmap.mmap, count: int) -> Iterator[_Segment]:
    start = _unpacked(_HEADER, data, 0)[5]
    for number in range(count):
        kind, _, offset, address, _, size, _, _ = _unpacked(_SEGMENT, data, start + number * _SEGMENT.size)
        yield _Segment(kind, offset, address, size)


def _tags(data: mmap.mmap, segments: tuple[_Segment, ...]) -> Iterator[tuple[int, int]]:
    """The dynamic section, a list of pairs; a static program has none."""
    for segment in segments:
        if segment.kind != _DYNAMIC:
            continue
        places = range(segment.offset, segment.offset + segment.size, _TAG.size)
        pairs = (_unpacked(_TAG, data, place) for place in places)
        yield from ((tag, value) for tag, value in itertools.takewhile(lambda pair: pair[0] != _END, pairs))


class _Strings:
    """The strings that tags point into. A tag has their address in memory; the segments say where that is."""

    def __init__(self, data: mmap.mmap, segments: tuple[_Segment, ...], tags: Mapping[int, int]) -> None:
        self._data = data
        address = tags.get(_STRINGS, 0)
        self._size = tags.get(_STRINGS_SIZE, 0)
        self._start = next(
            (
                each.offset + address - each.address
                for each in segments
                if each.kind == _LOAD and each.address <= address < each.address + each.size
            ),
            None,
        )

    def at(self, offset: int) -> str:
        if self._start is None or offset >= self._size:
            raise BrokenElfError("its dynamic section names strings that are not in it")
        return _text(self._data, self._start + offset, self._size - offset)


def _text(data: mmap.mmap, start: int, size: int) -> str:
    found, end, _ = data[start : start + min(size, _LONGEST)].partition(b"\0")
    if not end:
        raise BrokenElfError("a name in it has no end")
    return found.decode(errors="replace")


def _unpacked(layout: struct.Struct, data: mmap.mmap, place: int) -> tuple[int, ...]:
    if place > len(data) - layout.size:
        raise BrokenElfError("it is cut off")
    return layout.unpack_from(data, place)


def _folders(paths: Iterator[str]) -> tuple[str, ...]:
    return tuple(folder for path in paths for folder in path.split(":") if folder)
