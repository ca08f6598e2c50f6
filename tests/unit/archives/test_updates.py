"""An update is what apt would install in place of what is there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.archives.archive import Signer, write_suite

from kollage.archives import State, Update, reader, updates
from kollage.archives.installed import Installed
from kollage.archives.lists import Archive
from kollage.archives.offers import Offer, best, merged, offers
from kollage.errors import SourceError
from kollage.sources.download import Network


def offer(version: str, *, reserve: bool = False) -> Offer:
    return Offer(version=version, suite="backports" if reserve else "trixie", reserve=reserve)


class TestBest:
    @pytest.mark.parametrize(
        ("installed", "offered", "taken"),
        [
            ("1.0-1", ["1.0-2"], "1.0-2"),
            ("1.0-1", ["1.0-1"], None),
            ("1.0-2", ["1.0-1"], None),  # never back
            ("1.0-1", [], None),
            ("1.0-1", ["1.0-3", "1.0-2"], "1.0-3"),
            ("1.0~rc1-1", ["1.0-1"], "1.0-1"),
            ("1.0-1", ["1.0~rc2-1"], None),
            ("2.0", ["1:1.0"], "1:1.0"),
            ("1:1.0", ["2.0"], None),
        ],
    )
    def test_is_the_newest_that_is_newer(self, installed: str, offered: list[str], taken: str | None) -> None:
        found = best(installed, map(offer, offered))
        assert (found.version if found else None) == taken

    def test_is_not_from_backports_where_the_suite_has_what_is_installed(self) -> None:
        assert best("1.0-1", [offer("1.0-1"), offer("2.0-1~bpo1", reserve=True)]) is None

    def test_is_from_backports_where_it_came_from_there(self) -> None:
        newest = offer("2.0-2~bpo1", reserve=True)
        assert best("2.0-1~bpo1", [offer("1.0-1"), newest]) == newest


def test_a_packages_file_offers_the_newest_of_each() -> None:
    text = (
        "Package: a\nVersion: 1\n\nPackage: a\nVersion: 3\nDescription: x\n Version: 9\n\nPackage: a\nVersion: 2\n\n\n"
    )
    assert offers(text, suite="s") == {"a": Offer(version="3", suite="s")}
    assert offers("", suite="s") == {}


def test_components_of_a_suite_are_taken_together() -> None:
    pages = [offers("Package: a\nVersion: 1\n", suite="s"), offers("Package: a\nVersion: 2\n", suite="s")]
    assert merged(pages)["a"].version == "2"


def state_of(packages: Mapping[str, str], *archives: Archive, held: str = "") -> State:
    found = {
        name: Installed(name=name, version=version, architecture="amd64", held=name == held)
        for name, version in {"dpkg": "1", **packages}.items()
    }
    return State(packages=found, archives=archives)


@pytest.fixture
def signed(mirror: Path, distribution: Signer) -> tuple[Archive, Archive]:
    """An archive with a suite and its updates."""
    newer = {"bash": "5.2-2", "curl": "8.1", "held": "2", "old": "0.9", "elsewhere": "9"}
    write_suite(mirror, distribution, {"bash": "5.2-1", "curl": "8.0"})
    address = write_suite(mirror, distribution, newer, suite="trixie-security")
    keys = (distribution.key(),)
    one, two = (
        Archive(address=address, suite=suite, components=("main",), keys=keys)
        for suite in ("trixie", "trixie-security")
    )
    return one, two


def test_updates_are_told_with_the_suite_that_has_them(signed: tuple[Archive, Archive], tmp_path: Path) -> None:
    state = state_of({"curl": "8.0", "bash": "5.2-1", "held": "1", "old": "1", "own": "1"}, *signed, held="held")
    read = reader(Network(pauses=()), tmp_path / "cache")
    assert list(updates(state, read)) == [
        Update(package="bash", installed="5.2-1", candidate="5.2-2", suite="trixie-security"),
        Update(package="curl", installed="8.0", candidate="8.1", suite="trixie-security"),
    ]


def test_an_archive_is_read_once(signed: tuple[Archive, Archive], tmp_path: Path, mirror: Path) -> None:
    read = reader(Network(pauses=()), tmp_path / "cache")
    first = list(updates(state_of({"bash": "5.2-1"}, *signed), read))
    (mirror / "dists/trixie/InRelease").unlink()
    assert list(updates(state_of({"bash": "5.2-1"}, *signed), read)) == first


def test_an_archive_that_is_signed_by_nobody_known_is_an_error(
    signed: tuple[Archive, Archive], stranger: Signer, tmp_path: Path
) -> None:
    strange = Archive(address=signed[0].address, suite="trixie", components=("main",), keys=(stranger.key(),))
    with pytest.raises(SourceError, match="not signed by a key that is trusted"):
        list(updates(state_of({"bash": "1"}, strange), reader(Network(pauses=()), tmp_path)))


def test_a_dated_state_of_the_archive_has_the_updates_of_its_day(
    tmp_path: Path, distribution: Signer, mirror: Path
) -> None:
    day = "Valid-Until: Sun, 01 Nov 2020 00:00:00 UTC\n"
    found: dict[str, list[str]] = {}
    for date, version in (("20201001T000000Z", "1.1"), ("20201101T000000Z", "1.2")):
        address = write_suite(mirror / date, distribution, {"bash": version}, fields=day)
        keys = (distribution.key(),)
        archive = Archive(address=address, suite="trixie", components=("main",), keys=keys, dated=True)
        read = reader(Network(pauses=()), tmp_path / "cache")
        found[date] = [each.candidate for each in updates(state_of({"bash": "1.1"}, archive), read)]
    assert found == {"20201001T000000Z": [], "20201101T000000Z": ["1.2"]}
