"""Certificates of a group of build hosts: an authority of their own, and one for each role."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kollage import certificates
from kollage.certificates import Issued
from kollage.errors import UsageError

ROLES = ("scheduler", "worker", "client")
AUTHORITY = "ca"
_SOON = timedelta(days=7)  # a certificate that ends within is made anew
_AGAIN = "make new ones with `kollage certs`, and copy them to every host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


def pair(folder: Path, name: str) -> Pair:
    """Where the certificate and the key of a role are."""
    return Pair(certificate=folder / f"{name}.crt", key=folder / f"{name}.key")


def make(folder: Path, *, days: int) -> Iterator[str]:
    """Make what is missing or ends soon, and say what was made: the authority, then a certificate for each role.

    Files may be read by their owner only.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = pair(folder, AUTHORITY)
    anew = not _lasts(authority.certificate) or not authority.key.is_file()
    if anew:
        _write(authority, certificates.authority("kollage authority", days=days))
        yield f"{authority.certificate}: the authority, until {_until(authority.certificate)}"
    for role in ROLES:
        own = pair(folder, role)
        if anew or not _lasts(own.certificate) or not own.key.is_file():
            # between workers, each side is server and client
            signer = Issued(certificate=authority.certificate.read_bytes(), key=authority.key.read_bytes())
            _write(own, certificates.signed(signer, f"kollage {role}", days=days, role=role, is_client=True))
            yield f"{own.certificate}: the {role}'s, until {_until(own.certificate)}"


def check(folder: Path, role: str) -> Pair:
    """The pair of a role, if it can be used today: there, of this authority, not expired. Raises `UsageError`."""
    own, authority = pair(folder, role), pair(folder, AUTHORITY)
    for path in (authority.certificate, own.certificate, own.key):
        if not path.is_file():
            raise UsageError(f"there is no {path}", hint="`kollage certs` makes it; copy it from where that was run")
    trusted = load(authority.certificate)
    require(load(own.certificate), trusted, role=role, called=str(own.certificate))
    return own


def require(certificate: x509.Certificate, authority: x509.Certificate, *, role: str, called: str) -> None:
    """See that a certificate is of this authority, for this role, and holds today. Raises `UsageError`."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        raise UsageError(f"{called} was not made by the authority beside it", hint=_AGAIN) from None
    now = datetime.now(UTC)
    for each, what in ((certificate, called), (authority, "the authority's certificate")):
        if now > each.not_valid_after_utc:
            raise UsageError(f"{what} expired on {each.not_valid_after_utc:%Y-%m-%d}", hint=_AGAIN)
        if now < each.not_valid_before_utc:
            raise UsageError(f"{what} holds from {each.not_valid_before_utc:%Y-%m-%d} on", hint="is the clock right?")
    if _role(certificate) != role:
        raise UsageError(f"{called} is one of a {_role(certificate) or 'stranger'}, not of a {role}")


def load(path: Path) -> x509.Certificate:
    """Read a certificate. Raises `UsageError`."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} holds no certificate that can be read: {error}", hint=_AGAIN) from error


def sign(own: Pair, content: bytes) -> bytes:
    """The signature of a role below content."""
    return certificates.private_key(own.key.read_bytes()).sign(content, ec.ECDSA(hashes.SHA256()))


def verify(certificate: x509.Certificate, signature: bytes, content: bytes) -> None:
    """See that content was signed with the key of a certificate. Raises `UsageError`."""
    key = certificate.public_key()
    try:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise InvalidSignature  # noqa: TRY301 - to the sentence below
        key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise UsageError("the plan was changed after it was signed") from None


def _role(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(found[0].value) if found else ""


def _lasts(path: Path) -> bool:
    try:
        return certificates.lasts(load(path), _SOON)
    except UsageError:
        return False


def _until(path: Path) -> str:
    return f"{load(path).not_valid_after_utc:%Y-%m-%d}"


def _write(own: Pair, issued: Issued) -> None:
    _keep(own.key, issued.key)
    _keep(own.certificate, issued.certificate)


def _keep(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(content)
