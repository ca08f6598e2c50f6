"""Archives come out the same everywhere, hold nothing that escapes, and break with a sentence."""

import bz2
import gzip
import io
import lzma
import os
import random
import socket
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.errors import SourceError
from kollage.sources.archive import Kind, collect, kind_of, normalise, pack
from kollage.sources.members import Limits

Entry = tuple[tarfile.TarInfo, bytes]

# Python 3.11.4 and newer want to be told that everything may be unpacked
WHOLLY: Any = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}


def entry(
    name: str, content: bytes = b"", *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> Entry:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(content)
    return info, content


def pax(name: str, **headers: str) -> Entry:
    info, content = entry(name)
    info.pax_headers = headers
    return info, content


def folder(name: str, mode: int = 0o755) -> Entry:
    return entry(name, kind=tarfile.DIRTYPE, mode=mode)


def symlink(name: str, target: str) -> Entry:
    return entry(name, kind=tarfile.SYMTYPE, link=target)


def hardlink(name: str, target: str) -> Entry:
    return entry(name, kind=tarfile.LNKTYPE, link=target)


def tar_bytes(entries: Sequence[Entry]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def write_tar(path: Path, *entries: Entry, packed: Callable[[bytes], bytes] = bytes) -> Path:
    path.write_bytes(packed(tar_bytes(entries)))
    return path


def listing(path: Path) -> dict[str, tuple[bytes, int, str, bytes]]:
    with tarfile.open(path, "r:") as tar:
        return {
            info.name: (
                info.type,
                info.mode,
                info.linkname,
                content.read() if (content := tar.extractfile(info)) else b"",
            )
            if not info.issym()
            else (info.type, info.mode, info.linkname, b"")
            for info in tar
        }


TREE = (folder("nova-30"), entry("nova-30/setup.cfg", b"[metadata]\n"), symlink("nova-30/now", "setup.cfg"))


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_every_compression_gives_the_same_uncompressed_tar(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    plain = normalise(write_tar(tmp_path / "plain", *TREE), tmp_path / "a")
    assert normalise(write_tar(tmp_path / "packed", *TREE, packed=packed), tmp_path / "b") == plain
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert kind_of(tmp_path / "b") is Kind.TAR


def test_members_are_sorted_owned_by_root_and_dated_1970(tmp_path: Path) -> None:
    late = entry("z/b", b"b")
    late[0].mtime, late[0].uid, late[0].gid, late[0].uname, late[0].gname = (
        1_800_000_000,
        1000,
        1000,
        "me",
        "us",
    )
    normalise(write_tar(tmp_path / "in", late, entry("z-a", b"a"), entry("a/x", b"x")), tmp_path / "out")
    with tarfile.open(tmp_path / "out") as tar:
        members = tar.getmembers()
    assert [info.name for info in members] == ["a", "a/x", "z", "z/b", "z-a"]
    assert {(info.mtime, info.uid, info.gid, info.uname, info.gname) for info in members} == {(0, 0, 0, "root", "root")}


def test_modes_lose_what_no_image_should_have(tmp_path: Path) -> None:
    source = write_tar(tmp_path / "in", entry("f", mode=0o6777), folder("d", mode=0o1777), entry("secret", mode=0o600))
    normalise(source, tmp_path / "out")
    assert {name: oct(facts[1]) for name, facts in listing(tmp_path / "out").items()} == {
        "f": "0o755",
        "d": "0o755",
        "secret": "0o600",
    }


def test_the_digest_is_that_of_the_written_file(tmp_path: Path) -> None:
    source = write_tar(tmp_path / "in", *TREE)
    digest = normalise(source, tmp_path / "out")
    assert digest == sha256((tmp_path / "out").read_bytes()).hexdigest() == normalise(source, None)


def test_a_later_member_replaces_an_earlier_one(tmp_path: Path) -> None:
    normalise(write_tar(tmp_path / "in", entry("a", b"old"), entry("./a", b"new")), tmp_path / "out")
    assert listing(tmp_path / "out") == {"a": (tarfile.REGTYPE, 0o644, "", b"new")}


def test_a_hard_link_becomes_the_file_it_points_to(tmp_path: Path) -> None:
    normalise(write_tar(tmp_path / "in", entry("d/z", b"text"), hardlink("d/a", "d/z")), tmp_path / "out")
    assert listing(tmp_path / "out")["d/a"] == (tarfile.REGTYPE, 0o644, "", b"text")


def test_long_and_strange_names_survive(tmp_path: Path) -> None:
    names = ["d/" + "long" * 80, "d/ümläut", "d/\udcff-not-utf8", "d/with space\nand line"]
    normalise(write_tar(tmp_path / "in", *(entry(name, b"x") for name in names)), tmp_path / "out")
    with tarfile.open(tmp_path / "out", encoding="utf-8", errors="surrogateescape") as tar:
        assert sorted(tar.getnames()) == sorted(["d", *names])


def test_the_top_directory_can_be_renamed(tmp_path: Path) -> None:
    normalise(write_tar(tmp_path / "in", *TREE), tmp_path / "out", top="nova-31")
    assert [*listing(tmp_path / "out")] == ["nova-31", "nova-31/now", "nova-31/setup.cfg"]


@pytest.mark.parametrize("entries", [(), (entry("a/x"), entry("b/x")), (entry("file"),)])
def test_only_one_top_directory_can_be_renamed(tmp_path: Path, entries: Sequence[Entry]) -> None:
    with pytest.raises(SourceError, match="one top directory"):
        normalise(write_tar(tmp_path / "in", *entries), tmp_path / "out", top="nova")


def test_an_empty_tar_is_a_tar(tmp_path: Path) -> None:
    normalise(write_tar(tmp_path / "in"), tmp_path / "out")
    assert listing(tmp_path / "out") == {}


# what is refused

ESCAPES = {
    "an absolute name": entry("/etc/passwd"),
    "a name with dots": entry("a/../../b"),
    "a name with a zero": pax("a", path="a\0b"),
    "a link with an absolute target": symlink("a", "/etc/passwd"),
    "a link to the outside": symlink("a/b", "../../c"),
    "a link that climbs behind a name": symlink("a/b/c", "link/../../../d"),
    "a link to nothing": symlink("a", ""),
    "a hard link to the outside": hardlink("a", "../b"),
    "a hard link to what is not there": hardlink("a", "b"),
    "a device": entry("a", kind=tarfile.CHRTYPE),
    "a pipe": entry("a", kind=tarfile.FIFOTYPE),
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_what_would_escape_is_refused_by_name(tmp_path: Path, escape: Entry) -> None:
    source = write_tar(tmp_path / "evil.tar", entry("fine"), escape)
    with pytest.raises(SourceError) as refusal:
        normalise(source, tmp_path / "out", label="evil.tar")
    assert refusal.value.message.startswith("evil.tar: its member 'a") or "/etc/passwd" in refusal.value.message
    assert refusal.value.hint
    assert not (tmp_path / "out").exists()


def test_a_member_below_a_link_is_refused(tmp_path: Path) -> None:
    source = write_tar(tmp_path / "in", folder("d"), symlink("link", "d"), entry("link/x"))
    with pytest.raises(SourceError, match="'link/x' lies below 'link', which is a symbolic link"):
        normalise(source, tmp_path / "out")


def test_links_inside_are_kept(tmp_path: Path) -> None:
    links = symlink("d/e/up", "../../top"), symlink("d/dangling", "nowhere"), symlink("d/loop", "loop")
    normalise(write_tar(tmp_path / "in", *links), tmp_path / "out")
    assert {name: facts[2] for name, facts in listing(tmp_path / "out").items() if facts[2]} == {
        "d/e/up": "../../top",
        "d/dangling": "nowhere",
        "d/loop": "loop",
    }


@pytest.mark.parametrize("limits", [Limits(members=2), Limits(size=100)])
@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_bomb_is_refused(tmp_path: Path, limits: Limits, packed: Callable[[bytes], bytes]) -> None:
    source = write_tar(tmp_path / "bomb", *(entry(f"f{n}", bytes(60)) for n in range(3)), packed=packed)
    with pytest.raises(SourceError, match="unpacks to more than"):
        normalise(source, tmp_path / "out", limits=limits)


def test_hard_links_count_with_what_they_point_to(tmp_path: Path) -> None:
    source = write_tar(tmp_path / "bomb", entry("a", bytes(600)), *(hardlink(f"l{n}", "a") for n in range(9)))
    with pytest.raises(SourceError, match="more than 5,000 bytes"):
        normalise(source, tmp_path / "out", limits=Limits(size=5000))


# damage


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_cut_anywhere_is_refused(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    noise = random.Random(1).randbytes(3000)  # nosec - content that does not compress
    whole = packed(tar_bytes([folder("d"), entry("d/a", noise), entry("d/b", b"b")]))
    used = whole.rstrip(b"\0") if packed is bytes else whole
    for length in [*range(0, len(used), 97), len(used) - 1]:
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:length])
        with pytest.raises(SourceError):
            normalise(cut, tmp_path / "out")
        assert not (tmp_path / "out").exists()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_archive_gives_a_sentence_or_an_archive(damage: list[tuple[int, int]]) -> None:
    data = bytearray(tar_bytes([folder("d"), entry("d/a", b"x" * 700), symlink("d/s", "a"), entry("d/" + "b" * 120)]))
    for place, value in damage:
        data[place % len(data)] = value
    with TemporaryDirectory() as name:
        source = Path(name, "in")
        source.write_bytes(data)
        with suppress(SourceError):  # and nothing else
            normalise(source, Path(name, "out"))


def test_a_wrong_checksum_inside_is_noticed(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(tar_bytes(TREE)))
    data[-8] ^= 1
    (tmp_path / "in").write_bytes(data)
    with pytest.raises(SourceError, match="CRC check failed"):
        normalise(tmp_path / "in", tmp_path / "out")


def test_a_member_of_negative_size_ends_it(tmp_path: Path) -> None:
    info, _ = entry("a")
    info.size = -512
    (tmp_path / "in").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(SourceError, match=r"negative size|invalid offset"):
        normalise(tmp_path / "in", tmp_path / "out")


def test_a_page_instead_of_an_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<!DOCTYPE html>" + " " * 600)
    assert kind_of(tmp_path / "page") is Kind.PLAIN
    with pytest.raises(SourceError, match="is not a tar archive"):
        normalise(tmp_path / "page", tmp_path / "out")


def test_zstd_is_named_and_not_taken_for_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "a.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(600))
    with pytest.raises(SourceError, match="zstd"):
        kind_of(tmp_path / "a.tar.zst")


def test_a_missing_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        normalise(tmp_path / "gone", tmp_path / "out")


# zip


def write_zip(path: Path, entries: dict[str, tuple[int, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, (mode, content) in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16 | 0x20  # what Windows writes, so that Python adds no mode
            packed.writestr(info, content)
    return path


def test_a_zip_gives_the_tar_that_a_tar_would(tmp_path: Path) -> None:
    entries = {
        "nova-30/": (0o040755, b""),
        "nova-30/setup.cfg": (0, b"[metadata]\n"),  # as made on Windows
        "nova-30/now": (0o120777, b"setup.cfg"),
    }
    made = normalise(write_zip(tmp_path / "in.zip", entries), tmp_path / "out")
    assert made == normalise(write_tar(tmp_path / "in.tar", *TREE), None)


@pytest.mark.parametrize(
    ("name", "mode", "content"), [("../a", 0o100644, b""), ("a", 0o120777, b"../b"), ("a", 0o010644, b"")]
)
def test_a_zip_that_would_escape_is_refused(tmp_path: Path, name: str, mode: int, content: bytes) -> None:
    with pytest.raises(SourceError, match="its member"):
        normalise(write_zip(tmp_path / "in.zip", {name: (mode, content)}), tmp_path / "out")


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "in.zip", {"a": (0o100644, b"text")})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="'a' is encrypted"):
        normalise(path, tmp_path / "out")


def test_nothing_is_left_of_an_archive_whose_content_is_damaged(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "in.zip", {"a": (0o100644, b"text"), "b": (0o100644, b"more")})
    path.write_bytes(path.read_bytes().replace(b"more", b"mare", 1))
    with pytest.raises(SourceError, match="Bad CRC-32 for file 'b'"):
        normalise(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cut_zip_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "in.zip", {"a": (0o100644, b"text")})
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceError, match="damaged or incomplete"):
        normalise(path, tmp_path / "out")


# folders and collections


def test_a_folder_is_packed_without_leftovers(tmp_path: Path) -> None:
    for path in ("src/a.py", "src/__pycache__/a.pyc", ".git/config", ".tox/x", "sub/.venv/y", "sub/z"):
        (tmp_path / "nova" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "nova" / path).write_text(path)
    (tmp_path / "nova/link").symlink_to("src/a.py")
    pack(tmp_path / "nova", tmp_path / "out", "nova", extra={"PKG-INFO": b"Name: nova\n"})
    assert [*listing(tmp_path / "out")] == [
        "nova",
        "nova/PKG-INFO",
        "nova/link",
        "nova/src",
        "nova/src/a.py",
        "nova/sub",
        "nova/sub/z",
    ]


def test_a_folder_and_a_tar_of_it_are_the_same(tmp_path: Path) -> None:
    tree = tmp_path / "nova"
    (tree / "d").mkdir(parents=True)
    (tree / "d/f").write_text("x")
    (tree / "run").write_text("#!/bin/sh\n")
    (tree / "run").chmod(0o775)
    with tarfile.open(tmp_path / "nova.tar.gz", "w:gz") as tar:
        tar.add(tree, arcname="nova")
    assert pack(tree, None, "nova") == normalise(tmp_path / "nova.tar.gz", None)


def test_a_folder_with_a_link_to_the_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nova").mkdir()
    (tmp_path / "nova/link").symlink_to("../secret")
    with pytest.raises(SourceError, match=r"nova: its member 'link' points to '\.\./secret'"):
        pack(tmp_path / "nova", tmp_path / "out", "nova")


def test_a_folder_with_a_socket_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "n/s"))
        with pytest.raises(SourceError, match="'s' is a device, pipe or socket"):
            pack(tmp_path / "n", tmp_path / "out", "n")


def test_plugins_are_collected_with_their_own_top_directories(tmp_path: Path) -> None:
    normalise(
        write_tar(tmp_path / "a.in", entry("one-1/x", b"1"), symlink("one-1/up", "../one-1/x")),
        tmp_path / "a",
    )
    normalise(write_tar(tmp_path / "b.in", entry("two/y", b"2")), tmp_path / "b")
    collect([tmp_path / "a", tmp_path / "b"], tmp_path / "out", top="plugins")
    assert [*listing(tmp_path / "out")] == [
        "plugins",
        "plugins/one-1",
        "plugins/one-1/up",
        "plugins/one-1/x",
        "plugins/two",
        "plugins/two/y",
    ]


def test_a_collection_of_nothing_is_a_folder(tmp_path: Path) -> None:
    collect([], tmp_path / "out", top="additions")
    assert listing(tmp_path / "out") == {"additions": (tarfile.DIRTYPE, 0o755, "", b"")}


def test_a_plain_file_cannot_be_collected(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    with pytest.raises(SourceError, match="tool is not a tar archive"):
        collect([tmp_path / "tool"], tmp_path / "out", top="plugins")


# properties

PARTS = st.sampled_from(["a", "b", "c", ".", "..", "", "long" * 30])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
ENTRIES = st.one_of(
    st.builds(entry, PATHS, st.binary(max_size=20), mode=st.integers(0, 0o7777)),
    st.builds(folder, PATHS, st.integers(0, 0o7777)),
    st.builds(symlink, PATHS, PATHS),
    st.builds(hardlink, PATHS, PATHS),
    st.builds(entry, PATHS, kind=st.sampled_from([tarfile.FIFOTYPE, tarfile.BLKTYPE])),
)
SAFE_PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)
SAFE = st.one_of(
    st.builds(entry, SAFE_PATHS, st.binary(max_size=9)),
    st.builds(folder, SAFE_PATHS),
    st.builds(symlink, SAFE_PATHS, SAFE_PATHS),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ENTRIES, max_size=6))
def test_whatever_is_accepted_unpacks_inside(entries: list[Entry]) -> None:
    with TemporaryDirectory() as name:
        root, inside = Path(name).resolve(), Path(name).resolve() / "in/side"
        inside.mkdir(parents=True)
        try:
            normalise(write_tar(root / "source", *entries), root / "out")
        except SourceError:
            return
        with tarfile.open(root / "out") as tar:
            tar.extractall(inside, **WHOLLY)
            links = [info.name for info in tar if info.issym()]
        assert {path.name for path in root.iterdir()} == {"source", "out", "in"}
        assert [path.name for path in (root / "in").iterdir()] == ["side"]
        for link in links:
            assert Path(os.path.realpath(inside / link)).is_relative_to(inside)


@settings(max_examples=200, deadline=None)
@given(st.lists(SAFE, max_size=6, unique_by=lambda item: item[0].name), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_once_is_enough(entries: list[Entry], chance: random.Random) -> None:
    shuffled = chance.sample(entries, len(entries))
    with TemporaryDirectory() as name:
        root = Path(name)
        try:
            first = normalise(write_tar(root / "one", *entries), root / "first")
        except SourceError:
            with pytest.raises(SourceError):
                normalise(write_tar(root / "two", *shuffled), None)
            return
        assert normalise(write_tar(root / "two", *shuffled), None) == first
        assert normalise(root / "first", None) == first
