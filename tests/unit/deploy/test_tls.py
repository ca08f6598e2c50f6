"""The certificate of a cloud is signed by an authority of its own, and is looked at before it is used."""

import subprocess
from pathlib import Path

import pytest

from kollage.deploy import folder, tls
from kollage.errors import UsageError

ADDRESS = "192.0.2.7"


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cloud")
    folder.write(place, tls.make(place, ADDRESS))
    return place


def test_the_authority_signs_for_the_address(made: Path) -> None:
    authority, front = made / "tls/authority.pem", made / "tls/front.pem"
    assert "OK" in openssl("verify", "-x509_strict", "-verify_ip", ADDRESS, "-CAfile", str(authority), str(front))
    assert tls.certificate(made, ADDRESS) == {"authority": authority.read_text(), "front": front.read_text()}


def test_keys_are_for_their_owner_alone(made: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in (made / "tls").iterdir()} == {0o600}


def test_a_renewal_keeps_the_authority_that_clients_trust(made: Path, tmp_path: Path) -> None:
    folder.write(tmp_path, tls.make(made, ADDRESS))
    before, after = (place / "tls" for place in (made, tmp_path))
    assert (after / "authority.pem").read_text() == (before / "authority.pem").read_text()
    assert (after / "front.pem").read_text() != (before / "front.pem").read_text()


def test_another_address_is_told(made: Path) -> None:
    with pytest.raises(UsageError, match=r"front\.pem is not for 192\.0\.2\.8"):
        tls.certificate(made, "192.0.2.8")


def test_one_that_ends_within_a_day_counts_as_expired(tmp_path: Path) -> None:
    path = tmp_path / "tls"
    path.mkdir()
    new = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(path / "key"), "-out", str(path / "front.pem")]
    openssl("req", "-x509", *new, "-days", "1", "-subj", "/CN=x", "-addext", f"subjectAltName=IP:{ADDRESS}")
    with pytest.raises(UsageError, match="has expired") as told:
        tls.certificate(tmp_path, ADDRESS)
    assert told.value.hint == "`kollage reconfigure --rotate-secrets` makes a new one"
