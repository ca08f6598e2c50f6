"""Who may speak with whom: nobody but bearers of this group's certificates, unless all are on one machine."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kollage.distributed import certs
from kollage.errors import UsageError
from kollage.options import Options
from kollage.registry.loopback import is_loopback

if TYPE_CHECKING:
    from distributed import Security

_PORT = 8786  # Dask's own


def address(options: Options) -> str:
    """The scheduler's whole address: with TLS unless it is on this machine, or something else is said.

    Raises `UsageError` for one that is not on this machine and would be spoken with in the open.
    """
    scheme, _, rest = options.scheduler.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        host = ""
    if scheme not in {"", "tcp", "tls"} or not host:
        raise UsageError(
            f"'{options.scheduler}' is no address of a scheduler", hint="such as tls://build1.example:8786"
        )
    here = is_loopback(f"[{host}]" if ":" in host else host)
    if scheme == "tcp" and not here:
        raise UsageError(
            f"{options.scheduler} is not on this machine, and tcp:// is without encryption",
            hint="say tls://, and make certificates with `kollage certs`",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme or ('tcp' if here else 'tls')}://{shown}:{port}"


def secured(options: Options) -> bool:
    """Whether certificates are asked for and shown."""
    return address(options).startswith("tls://")


def folder(options: Options) -> Path:
    """Where the certificates are."""
    if options.certs_dir:
        return options.certs_dir
    home = options.environ.get("XDG_CONFIG_HOME") or f"{options.environ.get('HOME', '')}/.config"
    return Path(home, "kollage", "certs")


def security(options: Options, role: str) -> "Security | None":
    """What Dask is to show and to ask for; None where all is on this machine. Raises `UsageError`."""
    if not secured(options):
        return None
    from distributed import Security

    own, authority = certs.check(folder(options), role), certs.pair(folder(options), certs.AUTHORITY)
    return Security(
        require_encryption=True,
        tls_ca_file=str(authority.certificate),
        **{f"tls_{role}_cert": str(own.certificate), f"tls_{role}_key": str(own.key)},
    )
