"""X.509 certificates: an authority, and what it signs. The only module that makes any; nothing here touches files.

Imported only where certificates are wanted: its library comes with the extras `distributed` and `launch`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SKEW = timedelta(minutes=5)  # by which clocks of hosts may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its key, both as PEM."""

    certificate: bytes
    key: bytes


def authority(name: str, *, days: int) -> Issued:
    """A new authority; a few letters make the name its own, so that two of them are never taken for one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {os.urandom(4).hex()}")])
    built = _begun(subject, subject, key, days).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    built = built.add_extension(_usage(signs_others=True), critical=True)
    return _issued(built.add_extension(_identifier(key), critical=False).sign(key, hashes.SHA256()), key)


def signed(
    by: Issued, name: str, *, days: int, role: str = "", addresses: Sequence[str] = (), is_client: bool = False
) -> Issued:
    """A new certificate of a server, or of one that is a client, too, for some addresses; `role` stands in its name."""
    issuer, issuer_key = x509.load_pem_x509_certificate(by.certificate), private_key(by.key)
    key = ec.generate_private_key(ec.SECP256R1())
    unit = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role)] if role else []
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), *unit])
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if is_client else [])]
    built = (
        _begun(subject, issuer.subject, key, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(_usage(signs_others=False), critical=True)
        .add_extension(_identifier(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if addresses:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in addresses])
        built = built.add_extension(names, critical=False)
    return _issued(built.sign(issuer_key, hashes.SHA256()), key)


def private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Read a key of ours."""
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - no others are made here
    return key


def lasts(certificate: x509.Certificate, spare: timedelta) -> bool:
    """Whether a certificate holds that much longer."""
    return certificate.not_valid_after_utc > datetime.now(UTC) + spare


def _begun(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_others,
        crl_sign=signs_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Issued(certificate=certificate.public_bytes(serialization.Encoding.PEM), key=text)
