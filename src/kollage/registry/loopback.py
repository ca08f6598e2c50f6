"""The one place where plain http is allowed: a registry on this machine that does not speak TLS."""

import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from kollage.errors import RegistryError

_SECONDS = 10.0  # for what never leaves this machine
_HTTPS = 443
_HTTP = 80


def is_plain(host: str) -> bool:
    """Whether a registry is on this machine and does without TLS. Raises `RegistryError` where nothing listens.

    What a registry shows with TLS is not looked at here: that is checked whenever it is asked.
    """
    if not is_loopback(host):
        return False
    name, port = _address(host)
    if port or listens(name, _HTTPS):
        return not _speaks_tls(host, name, port or _HTTPS)
    if listens(name, _HTTP):
        return True
    raise _silent(host, "Connection refused")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, whatever the network is."""
    name, _ = _address(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def listens(name: str, port: int) -> bool:
    """Whether somebody takes a connection there."""
    try:
        socket.create_connection((name, port), timeout=_SECONDS).close()
    except OSError:
        return False
    return True


def _address(host: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{host}")
    return parts.hostname or "", parts.port


def _speaks_tls(host: str, name: str, port: int) -> bool:
    try:
        connection = socket.create_connection((name, port), timeout=_SECONDS)
    except OSError as error:
        raise _silent(host, error.strerror or str(error)) from None
    with connection:
        try:
            ssl.create_default_context().wrap_socket(connection, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            return True
        except ssl.SSLError as error:
            return "ALERT" in (error.reason or "")  # only who speaks it can refuse in it
        except OSError:  # it hung up, or waits for words that it understands
            return False
    return True


def _silent(host: str, reason: str) -> RegistryError:
    return RegistryError(
        f"the registry {host} does not answer: {reason}",
        hint="start it, or see which port it listens on",
        transient=True,
    )
