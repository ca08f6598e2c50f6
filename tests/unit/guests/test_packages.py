"""Packages found in signed indexes, and opened without being installed."""

import io
import lzma
import tarfile
from collections.abc import Mapping
from hashlib import sha256

import pytest

from kollage.errors import SourceError
from kollage.guests.packages import Package, files, newest

PAGE = """\
Package: tool-extra
Version: 9
Filename: pool/t/tool-extra.deb
SHA256: ee

Package: tool
Version: 1.2-1
Depends: lib (>= 1), more
Filename: pool/t/tool_1.2-1.deb
SHA256: aa

"""
SECURITY = """\
Package: tool
Version: 1.2-1+deb13u1
Filename: pool/updates/t/tool.deb
SHA256: bb
"""


def deb(contents: Mapping[str, bytes], *, member: str = "data.tar.xz") -> bytes:
    """A package as dpkg-deb makes it, with a control archive of an odd length before the files."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("./link")
        link.type, link.linkname = tarfile.SYMTYPE, "elsewhere"
        archive.addfile(link)
    members = (("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), (member, lzma.compress(tar.getvalue())))
    return b"!<arch>\n" + b"".join(
        f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n".encode() + body + b"\n" * (len(body) % 2)
        for name, body in members
    )


def package(content: bytes) -> Package:
    digest = sha256(content).hexdigest()
    return Package(name="tool", version="1", address="http://a/tool.deb", sha256=digest, depends="")


def test_the_newest_version_of_all_suites_is_taken() -> None:
    found = newest("tool", [("http://a", PAGE), ("http://security", SECURITY)])
    assert found.version == "1.2-1+deb13u1"
    assert found.address == "http://security/pool/updates/t/tool.deb"
    assert found.sha256 == "bb"


def test_a_package_is_told_from_one_whose_name_begins_alike() -> None:
    found = newest("tool", [("http://a", PAGE)])
    assert (found.version, found.depends) == ("1.2-1", "lib (>= 1), more")


def test_a_package_that_no_suite_has_is_named() -> None:
    with pytest.raises(SourceError, match="no package missing"):
        newest("missing", [("http://a", PAGE)])


def test_a_package_gives_its_files() -> None:
    content = deb({"usr/bin/tool": b"#!", "etc/tool": b""})
    assert files(package(content), lambda address, digest: content) == {"usr/bin/tool": b"#!", "etc/tool": b""}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        deb({"a": b"b"})[:150],
        deb({"a": b"b"}, member="other"),
        deb({"a": b"b"}).replace(b"\xfd7zXZ", b"wrong"),
    ],
)
def test_what_is_no_package_is_refused_with_its_address(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"http://a/tool\.deb is not a package"):
        files(package(content), lambda address, digest: content)


def test_a_package_that_is_not_the_promised_one_is_not_opened() -> None:
    content = deb({"usr/bin/tool": b"#!"})
    with pytest.raises(SourceError, match="not what the suite's signed release file promises"):
        files(package(deb({})), lambda address, digest: content)
