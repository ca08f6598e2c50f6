"""No line of an index is believed that a trusted key has not signed for."""

from pathlib import Path

import pytest
from tests.unit.archives.archive import PACK, Signer, moment, packages, write_suite

from kollage.archives.suites import Suite, binary, kept, read_packages, read_suite, straight
from kollage.errors import SourceError
from kollage.sources.download import Network

NOW = Network(pauses=())
TRIXIE = {"bash": "5.2-1", "zlib1g": "1:1.3"}


def release_of(address: str, *keys: bytes) -> Suite:
    return read_suite(f"{address}/dists/trixie", keys, NOW)


class TestSignature:
    @pytest.mark.parametrize("letters", [False, True])
    def test_of_a_trusted_key_is_good(self, mirror: Path, distribution: Signer, letters: bool) -> None:
        address = write_suite(mirror, distribution, TRIXIE)
        assert release_of(address, distribution.key(letters=letters)).field("Codename") == "trixie"

    def test_of_a_stranger_is_refused(self, mirror: Path, distribution: Signer, stranger: Signer) -> None:
        address = write_suite(mirror, stranger, TRIXIE)
        with pytest.raises(SourceError, match="InRelease is not signed by a key that is trusted for it"):
            release_of(address, distribution.key())

    def test_is_needed(self, mirror: Path, distribution: Signer) -> None:
        address = write_suite(mirror, distribution, TRIXIE)
        with pytest.raises(SourceError, match="not signed by a key"):
            release_of(address)

    def test_one_key_among_several_is_enough(self, mirror: Path, distribution: Signer, stranger: Signer) -> None:
        address = write_suite(mirror, distribution, TRIXIE)
        assert release_of(address, b"no key at all", stranger.key(), distribution.key()).field("Suite") == "stable"

    def test_is_of_this_text(self, mirror: Path, distribution: Signer) -> None:
        address = write_suite(mirror, distribution, TRIXIE)
        file = mirror / "dists/trixie/InRelease"
        file.write_bytes(file.read_bytes().replace(b"Codename: trixie", b"Codename: forky!"))
        with pytest.raises(SourceError, match="not signed by a key"):
            release_of(address, distribution.key())

    @pytest.mark.parametrize("spoilt", ["before", "after"])
    def test_covers_everything_that_is_there(self, mirror: Path, distribution: Signer, spoilt: str) -> None:
        address = write_suite(mirror, distribution, TRIXIE)
        file = mirror / "dists/trixie/InRelease"
        good = file.read_bytes()
        file.write_bytes(b"Codename: forky\n\n" + good if spoilt == "before" else good + good)
        with pytest.raises(SourceError, match="is not one signed text"):
            release_of(address, distribution.key())


def test_a_keyring_in_letters_that_makes_no_sense_is_empty() -> None:
    assert binary(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nA\n-----END PGP PUBLIC KEY BLOCK-----\n") == b""


class TestIndex:
    @pytest.mark.parametrize("ending", PACK)
    def test_is_read_however_it_is_packed(self, mirror: Path, distribution: Signer, ending: str) -> None:
        address = write_suite(mirror, distribution, TRIXIE, ending=ending)
        suite = release_of(address, distribution.key())
        assert read_packages(suite, "main", "amd64", fetch=straight(NOW)) == packages(**TRIXIE)

    def test_of_another_architecture_is_empty(self, mirror: Path, distribution: Signer) -> None:
        suite = release_of(write_suite(mirror, distribution, TRIXIE), distribution.key())
        assert read_packages(suite, "main", "arm64", fetch=straight(NOW)) == ""

    def test_that_is_not_what_was_promised_is_refused(self, mirror: Path, distribution: Signer) -> None:
        suite = release_of(write_suite(mirror, distribution, TRIXIE), distribution.key())
        index = mirror / "dists/trixie/main/binary-amd64/Packages.xz"
        index.write_bytes(PACK[".xz"](packages(bash="6").encode()))
        with pytest.raises(SourceError, match="is not what the suite's signed release file promises"):
            read_packages(suite, "main", "amd64", fetch=straight(NOW))

    def test_stays_in_the_cache_and_is_checked_there(self, mirror: Path, distribution: Signer, tmp_path: Path) -> None:
        suite = release_of(write_suite(mirror, distribution, TRIXIE), distribution.key())
        cached = kept(NOW, tmp_path / "cache")
        whole = read_packages(suite, "main", "amd64", fetch=cached)
        (file,) = (tmp_path / "cache").iterdir()
        index = mirror / "dists/trixie/main/binary-amd64/Packages.xz"
        away = index.rename(index.with_name("away"))
        assert read_packages(suite, "main", "amd64", fetch=cached) == whole
        file.write_bytes(b"broken")
        away.rename(index)
        assert read_packages(suite, "main", "amd64", fetch=cached) == whole
        assert file.read_bytes() == index.read_bytes()


class TestRelease:
    def suite(self, mirror: Path, by: Signer, **more: str) -> Suite:
        return release_of(write_suite(mirror, by, TRIXIE, **more), by.key())

    def test_may_be_asked_for_by_either_name(self, mirror: Path, distribution: Signer) -> None:
        suite = self.suite(mirror, distribution)
        for name in ("trixie", "stable", "./"):
            suite.require(name, dated=False)

    def test_of_another_suite_is_refused(self, mirror: Path, distribution: Signer) -> None:
        suite = self.suite(mirror, distribution, called="bookworm")
        with pytest.raises(SourceError, match="release file of bookworm or stable, not of trixie"):
            suite.require("trixie", dated=False)

    def test_past_its_end_is_refused_unless_it_is_of_a_dated_state(self, mirror: Path, distribution: Signer) -> None:
        suite = self.suite(mirror, distribution, fields=f"Valid-Until: {moment(-0.01)}\n")
        with pytest.raises(SourceError, match="is past its end"):
            suite.require("trixie", dated=False)
        suite.require("trixie", dated=True)

    def test_before_its_end_is_good(self, mirror: Path, distribution: Signer) -> None:
        self.suite(mirror, distribution, fields=f"Valid-Until: {moment(1)}\n").require("trixie", dated=False)

    def test_whose_end_cannot_be_read_is_refused(self, mirror: Path, distribution: Signer) -> None:
        suite = self.suite(mirror, distribution, fields="Valid-Until: soon\n")
        with pytest.raises(SourceError, match="is past its end"):
            suite.require("trixie", dated=False)
