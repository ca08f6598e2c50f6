"""What a file asks the loader for, and that no file can make the reader fail in another way than by saying so."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.verify.prover import programs

from kollage.verify.prover.elf import BrokenElfError, Elf, read_elf

LOADER = "/lib64/ld-linux-x86-64.so.2"


def read(folder: Path, data: bytes) -> Elf | None:
    place = folder / "program"
    place.write_bytes(data)
    return read_elf(place)


def test_a_program_names_its_loader_its_libraries_and_where_they_are(tmp_path: Path) -> None:
    data = programs.elf("liba.so.1", "libc.so.6", interpreter=LOADER, runpath="$ORIGIN/../lib::/opt/lib")
    assert read(tmp_path, data) == Elf(
        machine="x86_64",
        interpreter=LOADER,
        needed=("liba.so.1", "libc.so.6"),
        runpath=("$ORIGIN/../lib", "/opt/lib"),
    )


def test_a_library_of_the_other_architecture_is_read_too(tmp_path: Path) -> None:
    data = programs.elf("libc.so.6", machine=programs.AARCH64, rpath="/opt/lib")
    assert read(tmp_path, data) == Elf(machine="aarch64", needed=("libc.so.6",), rpath=("/opt/lib",))


def test_a_static_program_asks_for_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, programs.static()) == Elf(machine="x86_64")


def test_a_real_program_is_read(tmp_path: Path) -> None:
    shell = read_elf(Path(shutil.which("sh") or "/bin/sh"))
    assert shell is not None
    assert any(name.startswith("libc.") for name in shell.needed)
    assert Path(shell.interpreter).exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7fEL",
        b"#!/bin/sh\n",
        b"MZ\0\0",
        programs.header(programs.X86_64, 0, use=programs.RELOCATABLE),
        programs.header(programs.RISCV, 0, use=programs.RELOCATABLE),
    ],
)
def test_what_is_no_executable_is_nothing(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) is None


@pytest.mark.parametrize(
    "data",
    [
        programs.elf("libc.so.6", machine=programs.RISCV),
        programs.header(programs.X86_64, 1, kind=b"\x01\x01"),
        programs.header(programs.X86_64, 1, kind=b"\x02\x02"),
        b"\x7fELF",
    ],
    ids=["riscv", "32 bits", "big endian", "nothing else"],
)
def test_of_other_machines_nothing_more_is_known(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) == Elf(machine="")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (programs.elf("libc.so.6")[:63], "cut off"),
        (programs.elf("libc.so.6")[:100], "cut off"),
        (programs.elf("libc.so.6")[:-20], "cut off"),
        (programs.header(programs.X86_64, 1, entry_size=3), "wrong size"),
        (programs.elf("libc.so.6", strings_at=0), "strings that are not in it"),
        (programs.elf("libc.so.6", strings_at=2**64 - 1), "strings that are not in it"),
        (programs.header(programs.X86_64, 1) + programs.table([(programs.INTERPRETER, 2**63, 9)]), "has no end"),
        (programs.header(programs.X86_64, 1) + programs.table([(programs.INTERPRETER, 0, 4)]), "has no end"),
    ],
)
def test_a_broken_file_says_why(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(BrokenElfError, match=why):
        read(tmp_path, data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(place=st.integers(4, 300), junk=st.binary(min_size=1, max_size=24), end=st.integers(4, 400))
def test_no_file_makes_the_reader_fail_otherwise(tmp_path: Path, place: int, junk: bytes, end: int) -> None:
    data = bytearray(programs.elf("liba.so.1", "libc.so.6", interpreter=LOADER, runpath="$ORIGIN"))
    data[place : place + len(junk)] = junk
    try:
        found = read(tmp_path, bytes(data[:end]))
    except BrokenElfError:
        return
    assert isinstance(found, Elf)
