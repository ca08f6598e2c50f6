"""Whether a scheduler is at an address: asked before Dask is, which waits without an end for what speaks otherwise."""

import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kollage.errors import UsageError

if TYPE_CHECKING:
    from distributed import Security

_ANSWER = 15.0  # seconds
_COUNT = 8  # bytes with which Dask begins: how many parts its first message has
_MOST = 1000  # parts
_START = "start one with `dask scheduler`; docs/how-to/many-hosts.md says how"


class Away(UsageError):  # noqa: N818 - it need not be anybody's mistake
    """Nobody answers there, which may change."""


def require_scheduler(address: str, security: "Security | None", role: str) -> None:
    """See that a scheduler answers that trusts this side and is trusted. Raises `Away` or `UsageError`."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=_ANSWER) as connection:
            begins = _first(connection, security, role, parts.hostname or "")
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or (error.reason or str(error)).replace("_", " ").lower()
        raise UsageError(
            f"no scheduler of these certificates answers at {address}: {reason}",
            hint="all certificates of a group come from one run of `kollage certs`",
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Away(f"no scheduler answers at {address}: {reason}", hint=_START) from error
    if not 0 < int.from_bytes(begins, "little") < _MOST or len(begins) < _COUNT:
        raise UsageError(f"what answers at {address} is no scheduler of Dask", hint=_START)


def _first(connection: socket.socket, security: "Security | None", role: str, host: str) -> bytes:
    """The first bytes of who listens: a scheduler speaks before it is spoken to."""
    if security:
        context: ssl.SSLContext = security.get_connection_args(role)["ssl_context"]
        connection = context.wrap_socket(connection, server_hostname=host)
    received = b""
    try:
        while len(received) < _COUNT and (more := connection.recv(_COUNT - len(received))):
            received += more
    except TimeoutError:  # it waits for words that it understands
        return b""
    return received
