"""Whom engines trust is trusted, and a certificate that cannot be used is named."""

from pathlib import Path

import pytest
from tests.unit.registry.conftest import Pair

from kollage.errors import UsageError
from kollage.registry.trust import Trust, context, trust_of

HOST = "registry.example:5000"


def kept(tmp_path: Path, **files: bytes) -> Trust:
    """What is in the folder of a host; `ca_crt` is the file `ca.crt`."""
    folder = tmp_path / "certs.d" / HOST
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return Trust(folders=(tmp_path / "certs.d",))


def refusal(trust: Trust) -> str:
    with pytest.raises(UsageError) as caught:
        context(trust, HOST)
    assert caught.value.hint
    return caught.value.message


def test_the_user_s_and_the_machine_s_folders_of_both_families_are_read(tmp_path: Path) -> None:
    trust = trust_of({"HOME": "/home/alice"}, Path("/ca.pem"), etc=tmp_path)
    assert trust.ca_bundle == Path("/ca.pem")
    assert trust.folders == (
        Path("/home/alice/.config/containers/certs.d"),
        Path("/home/alice/.config/docker/certs.d"),
        tmp_path / "containers/certs.d",
        tmp_path / "docker/certs.d",
    )


def test_without_a_home_there_are_the_machine_s(tmp_path: Path) -> None:
    assert trust_of({}, etc=tmp_path).folders == (tmp_path / "containers/certs.d", tmp_path / "docker/certs.d")


def test_a_bundle_stands_instead_of_the_machine_s_authorities(pair: Pair) -> None:
    assert context(Trust(ca_bundle=pair.certificate), HOST).cert_store_stats()["x509"] == 1


def test_what_is_kept_for_a_host_is_added_for_it_and_for_no_other(tmp_path: Path, pair: Pair) -> None:
    trust = kept(tmp_path, ca_crt=pair.certificate.read_bytes())
    before = context(Trust(), HOST).cert_store_stats()["x509"]
    assert context(trust, HOST).cert_store_stats()["x509"] == before + 1
    assert context(trust, "registry.example").cert_store_stats()["x509"] == before


def test_certificates_are_always_verified(pair: Pair) -> None:
    for trust in (Trust(), Trust(ca_bundle=pair.certificate)):
        made = context(trust, HOST)
        assert (made.verify_mode.name, made.check_hostname) == ("CERT_REQUIRED", True)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_a_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    trust = kept(tmp_path, ca_crt=content)
    assert f"certs.d/{HOST}/ca.crt holds no certificate that can be used" in refusal(trust)


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = refusal(Trust(ca_bundle=tmp_path / "none.pem"))
    assert message == f"{tmp_path}/none.pem holds no certificate that can be used: No such file or directory"


def test_a_certificate_without_its_key_is_named(tmp_path: Path, pair: Pair) -> None:
    assert "client.cert has no key beside it" in refusal(kept(tmp_path, client_cert=pair.certificate.read_bytes()))


def test_a_key_of_another_certificate_is_named(tmp_path: Path, pair: Pair) -> None:
    trust = kept(tmp_path, client_cert=pair.certificate.read_bytes(), client_key=b"no key")
    assert "client.cert and client.key cannot be used" in refusal(trust)
