"""The certificate that the cloud shows at its front, and the authority of its own that signed it."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509

from kollage import certificates
from kollage.certificates import Issued
from kollage.deploy.cloud import File
from kollage.errors import UsageError

FOLDER = "tls"
_AUTHORITY, _KEY, _FRONT = "authority.pem", "authority.key", "front.pem"
_DAYS, _DAYS_OF_FRONT = 3650, 397  # more than 398 days no browser takes
_SOON = timedelta(days=1)  # a certificate that ends within it has ended


def certificate(place: Path, address: str) -> Mapping[str, str]:
    """The texts of the authority and of the front's certificate with its key, as they lie in the cloud's folder.

    Raises `UsageError` for one that has expired, or is for another address.
    """
    folder = place / FOLDER
    front = folder / _FRONT
    if not _lasts(front):
        raise UsageError(
            f"the certificate {front} has expired", hint="`kollage reconfigure --rotate-secrets` makes a new one"
        )
    if ip_address(address) not in _addresses(front):
        raise UsageError(f"the certificate {front} is not for {address}", hint=f"remove {folder}; it is made anew")
    return {
        "authority": (folder / _AUTHORITY).read_text(encoding="ascii"),
        "front": front.read_text(encoding="ascii"),
    }


def is_there(place: Path) -> bool:
    """Whether the cloud has a certificate."""
    return all((place / FOLDER / name).is_file() for name in (_AUTHORITY, _KEY, _FRONT))


def make(place: Path, address: str) -> tuple[File, ...]:
    """Make a certificate for an address, signed by the cloud's authority, which is made where there is none."""
    folder = place / FOLDER
    if (folder / _KEY).is_file() and _lasts(folder / _AUTHORITY):
        own = Issued(certificate=(folder / _AUTHORITY).read_bytes(), key=(folder / _KEY).read_bytes())
    else:
        own = certificates.authority("Kollage cloud authority", days=_DAYS)
    front = certificates.signed(own, address, days=_DAYS_OF_FRONT, addresses=[address])
    texts = {_AUTHORITY: own.certificate, _KEY: own.key, _FRONT: front.certificate + front.key}
    return tuple(File(path=f"{FOLDER}/{name}", text=text.decode("ascii")) for name, text in texts.items())


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise UsageError(
            f"{path} holds no certificate that can be read: {error}", hint=f"remove {path.parent}; it is made anew"
        ) from error


def _lasts(path: Path) -> bool:
    return path.is_file() and certificates.lasts(_read(path), _SOON)


def _addresses(path: Path) -> list[object]:
    names = _read(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names.get_values_for_type(x509.IPAddress))
