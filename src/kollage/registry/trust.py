"""Whom a registry is believed to be: the machine's authorities, and those that engines keep for one registry.

Engines look into `certs.d/HOST:PORT`: `*.crt` are further authorities, `NAME.cert` with `NAME.key` is what this
machine shows of itself. What any of them trusts is trusted here.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kollage.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Where certificates are found."""

    ca_bundle: Path | None = None  # instead of the machine's authorities
    folders: tuple[Path, ...] = ()  # each may have a folder for a host


def trust_of(environ: Mapping[str, str], ca_bundle: Path | None = None, *, etc: Path = Path("/etc")) -> Trust:
    """Trust what the engines of this user trust."""
    folders = [etc / "containers/certs.d", etc / "docker/certs.d"]
    if environ.get("HOME"):
        own = Path(environ["HOME"], ".config")
        folders = [own / "containers/certs.d", own / "docker/certs.d", *folders]
    return Trust(ca_bundle=ca_bundle, folders=tuple(folders))


@lru_cache(maxsize=64)  # reading the machine's authorities takes longer than a question
def context(trust: Trust, host: str) -> ssl.SSLContext:
    """Make what checks the certificate of one host. Raises `UsageError` for a file that holds none."""
    made = _with_authorities(trust.ca_bundle)
    # engines take any trusted certificate for an authority, and are not strict about its form
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    folders = [folder / host for folder in trust.folders]
    for path in _files(folders, "*.crt"):
        _load_authority(made, path)
    for path in _files(folders, "*.cert"):
        _load_own(made, path)
        break  # a handshake can show one
    return made


def _with_authorities(bundle: Path | None) -> ssl.SSLContext:
    if not bundle:
        return ssl.create_default_context()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, as the default does
    _load_authority(made, bundle)
    return made


def _load_authority(made: ssl.SSLContext, path: Path) -> None:
    try:
        made.load_verify_locations(path)
    except OSError as error:  # ssl's own are among them
        raise UsageError(
            f"{path} holds no certificate that can be used: {error.strerror or error}",
            hint="it has to be a text that begins with -----BEGIN CERTIFICATE-----",
        ) from error


def _load_own(made: ssl.SSLContext, path: Path) -> None:
    key = path.with_suffix(".key")
    if not key.is_file():
        raise UsageError(f"{path} has no key beside it", hint=f"put its key into {key}")
    try:
        made.load_cert_chain(path, key, password="")
    except OSError as error:
        raise UsageError(
            f"{path} and {key.name} cannot be used: {error.strerror or error}",
            hint="they have to be a certificate and its key, without a password",
        ) from error


def _files(folders: Iterable[Path], pattern: str) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob(pattern))]
