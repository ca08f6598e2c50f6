"""What a root file system has installed and from which archives is read from its own files, without trust."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.archives import seen
from kollage.archives.installed import Installed, installed
from kollage.archives.lists import Archive, archives, unread
from kollage.archives.state import State, state
from kollage.rootfs import Root

STATUS = """\
Package: bash
Status: install ok installed
Architecture: amd64
Description: a shell
 Package: not-this
Version: 5.2-1

Package: old
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: kept
Status: hold ok installed
Architecture: all
Version: 2:3~rc1

Package: half
Status: install ok half-configured
Version: 1

Package: dpkg
Status: install ok installed
Architecture: arm64
Version: 1.22
"""
LETTERS = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----"


def root_of(folder: Path, files: Mapping[str, str]) -> Root:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Root(folder)


def test_installed_is_what_dpkg_has_finished() -> None:
    assert installed(STATUS) == {
        "bash": Installed(name="bash", version="5.2-1", architecture="amd64"),
        "kept": Installed(name="kept", version="2:3~rc1", architecture="all", held=True),
        "dpkg": Installed(name="dpkg", version="1.22", architecture="arm64"),
    }


def test_of_several_architectures_the_first_counts() -> None:
    two = "Package: libc6\nStatus: install ok installed\nArchitecture: {}\nVersion: {}\n"
    assert installed(two.format("amd64", 2) + "\n" + two.format("i386", 1))["libc6"].version == "2"


def test_the_architecture_is_that_of_dpkg_itself(tmp_path: Path) -> None:
    root = root_of(tmp_path, {"var/lib/dpkg/status": STATUS})
    assert state(root).architecture == "arm64"
    assert state(Root(tmp_path / "none")) == State(packages={}, archives=())


def test_a_list_of_lines_names_archives(tmp_path: Path) -> None:
    text = """\
# deb http://a/commented trixie main
deb http://a/debian trixie main contrib # the archive
deb-src http://a/debian trixie main
  deb [ arch=amd64 check-valid-until=no ] https://b/debian trixie-updates main
deb file:/srv/flat ./
deb cdrom:[Debian] trixie main
deb [trusted=yes] http://c/debian trixie main
"""
    root = root_of(tmp_path, {"etc/apt/sources.list": text, "etc/apt/trusted.gpg.d/a.gpg": "A"})
    keys = (b"A",)
    assert archives(root) == (
        Archive(address="http://a/debian", suite="trixie", components=("main", "contrib"), keys=keys),
        Archive(address="https://b/debian", suite="trixie-updates", components=("main",), keys=keys, dated=True),
        Archive(address="file:/srv/flat", suite="./", keys=keys),
    )
    assert unread(root) == (
        "cdrom:[Debian] is not reached by http, https or as a file",
        "http://c/debian is trusted without a signature",
    )
    assert [each.folder for each in archives(root)] == [
        "http://a/debian/dists/trixie",
        "https://b/debian/dists/trixie-updates",
        "file:/srv/flat",
    ]


def test_a_list_of_paragraphs_names_archives_with_their_own_keys(tmp_path: Path) -> None:
    text = f"""\
Types: deb deb-src
URIs: http://a/debian http://b/debian
# a comment
Suites: trixie
 trixie-updates
Components: main
Signed-By: /usr/share/keyrings/own.gpg

Types: deb
URIs: http://c/debian
Suites: trixie
Components: main
Signed-By:
 {LETTERS.splitlines()[0]}
 .
 AAAA
 {LETTERS.splitlines()[-1]}

Types: deb
URIs: http://off/debian
Suites: trixie
Enabled: no
"""
    files = {
        "etc/apt/sources.list.d/x.sources": text,
        "etc/apt/sources.list.d/not-read.save": "deb http://no/debian trixie main\n",
        "etc/apt/trusted.gpg.d/a.gpg": "A",
        "usr/share/keyrings/own.gpg": "OWN",
    }
    found = archives(root_of(tmp_path, files))
    assert [(each.address, each.suite) for each in found] == [
        ("http://a/debian", "trixie"),
        ("http://a/debian", "trixie-updates"),
        ("http://b/debian", "trixie"),
        ("http://b/debian", "trixie-updates"),
        ("http://c/debian", "trixie"),
    ]
    assert [each.keys for each in found] == [(b"OWN",)] * 4 + [(LETTERS.encode(),)]


def test_a_keyring_that_is_a_link_out_of_the_root_is_none(tmp_path: Path) -> None:
    (tmp_path / "key.gpg").write_text("OUTSIDE", encoding="utf-8")
    files = {"etc/apt/sources.list": "deb [signed-by=/key.gpg] http://a/debian trixie main\n"}
    root = root_of(tmp_path / "root", files)
    (root.folder / "key.gpg").symlink_to("../../key.gpg")
    assert [each.keys for each in archives(root)] == [()]


class TestSeen:
    STATE = State(
        packages={"bash": Installed(name="bash", version="1", architecture="amd64", held=True)},
        archives=(Archive(address="http://a", suite="s", components=("main",), keys=(b"\0\xff",), dated=True),),
        unread=("cdrom: is not reached",),
    )

    def test_what_was_seen_is_what_comes_back(self, tmp_path: Path) -> None:
        seen.save(tmp_path / "seen", "1f", self.STATE)
        assert seen.load(tmp_path / "seen", "1f") == self.STATE
        assert seen.load(tmp_path / "seen", "2f") is None

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": 2}', '{"form": 1, "packages": [{"a": 1}]}', "\0"])
    def test_a_file_that_is_broken_or_newer_is_not_believed(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "1f.json").write_text(text, encoding="utf-8")
        assert seen.load(tmp_path, "1f") is None
