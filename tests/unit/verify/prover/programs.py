"""Executables and libraries made by hand: the least that the kernel and the loader read of one."""

import struct
from collections.abc import Sequence

X86_64, AARCH64, RISCV = 0x3E, 0xB7, 0xF3
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3
RELOCATABLE, LIBRARY = 1, 3
NEEDED, STRINGS, STRINGS_SIZE, RPATH, RUNPATH = 1, 5, 10, 15, 29
ADDRESS = 0x400000  # where the file would lie in memory


def elf(
    *needed: str,
    machine: int = X86_64,
    interpreter: str = "",
    rpath: str = "",
    runpath: str = "",
    strings_at: int | None = None,
) -> bytes:
    """A file that needs those libraries; the table of strings is said to be elsewhere where that is given."""
    named = [*((NEEDED, name) for name in needed), (RPATH, rpath), (RUNPATH, runpath)]
    strings, tags = b"\0", []
    for tag, name in (each for each in named if each[1]):
        tags.append((tag, len(strings)))
        strings += name.encode() + b"\0"
    count = 2 + bool(interpreter)
    start = 64 + 56 * count
    loader = interpreter.encode() + b"\0" if interpreter else b""
    at = start + len(loader)
    tags += [(STRINGS, ADDRESS + at if strings_at is None else strings_at), (STRINGS_SIZE, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack("<QQ", *tag) for tag in tags)
    size = at + len(strings) + len(dynamic)
    segments = [(LOAD, 0, size), (DYNAMIC, at + len(strings), len(dynamic))]
    segments += [(INTERPRETER, start, len(loader))] if interpreter else []
    return header(machine, count) + table(segments) + loader + strings + dynamic


def static(machine: int = X86_64) -> bytes:
    """A program that needs nothing."""
    return header(machine, 1) + table([(LOAD, 0, 120)])


def header(
    machine: int, segments: int, *, entry_size: int = 56, kind: bytes = b"\x02\x01", use: int = LIBRARY
) -> bytes:
    """What a file begins with: a library of 64 bits, the least first, if nothing else is said."""
    ident = b"\x7fELF" + kind + b"\x01" + b"\0" * 9
    return struct.pack("<16sHHIQQQIHHHHHH", ident, use, machine, 1, 0, 64, 0, 0, 64, entry_size, segments, 0, 0, 0)


def table(segments: Sequence[tuple[int, int, int]]) -> bytes:
    """The segments: kind, place in the file, size."""
    rows = ((kind, 4, place, ADDRESS + place, 0, size, size, 8) for kind, place, size in segments)
    return b"".join(struct.pack("<IIQQQQQQ", *row) for row in rows)
