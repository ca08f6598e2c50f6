"""Bring one file from the network, whole, or say in a sentence why not.

What may be gone in a moment (a lost connection, a server in trouble) is tried again with growing pauses; an
answer that will not change (not found, not allowed) is not. Certificates are always checked. No message holds
a password.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from kollage import process
from kollage.addresses import public
from kollage.errors import SourceError
from kollage.sources.store import digest

if TYPE_CHECKING:
    import requests

NO_NETWORK = "check the network and the proxy variables (http_proxy, https_proxy, no_proxy)"
PYPI = "https://pypi.org/simple/"

_CHUNK = 1 << 16  # bytes; an interrupt waits for one
_LARGEST = 4 << 30  # bytes: an answer without end must not fill the disk
_LONGEST_PAUSE = 60.0
_INDEX_SETTINGS = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")

Got = TypeVar("Got")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How this host reaches others. Proxies are what requests and git find in the environment."""

    index_url: str = field(default=PYPI, repr=False)  # may hold a password
    ca_bundle: Path | None = None  # None: what the environment or certifi says
    pauses: tuple[float, ...] = (1.0, 4.0, 15.0)  # seconds before each further attempt
    timeouts: tuple[float, float] = (10.0, 60.0)  # seconds to connect, and between two pieces


def network_of(settings: Mapping[str, str], ca_bundle: Path | None = None) -> Network:
    """Read the package index from settings called as uv and pip call them; PyPI where none is set."""
    index = next((settings[name] for name in _INDEX_SETTINGS if settings.get(name)), PYPI)
    return Network(index_url=re.sub(r"^[\w.-]+=(?=\w+:)", "", index), ca_bundle=ca_bundle)  # uv: name=url


class PassingError(SourceError):
    """A failure that may be gone in a moment; `pause` is what the other side asks for."""

    def __init__(self, message: str, *, hint: str = "", pause: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.pause = min(pause, _LONGEST_PAUSE)


class AbsentError(SourceError):
    """The server answers, and says that there is no such thing."""


def patiently(attempt: Callable[[], Got], pauses: tuple[float, ...]) -> Got:
    """Repeat an attempt that fails with `PassingError`, once after each pause."""
    for pause in pauses:
        try:
            return attempt()
        except PassingError as failure:
            process.pause(max(pause, failure.pause))
            process.heed()
    return attempt()


def download(url: str, target: Path, network: Network) -> str:
    """Write what an http, https or file address gives to a file; return its sha256."""
    if url.startswith("file:"):
        shutil.copyfile(local_path(url), target)
        return digest(target)
    return patiently(lambda: _download(url, target, network), network.pauses)


def read_page(url: str, network: Network, *, accept: str) -> tuple[str, str, str]:
    """Read a small page: its text, its content type and the address that gave it in the end."""
    if url.startswith("file:"):
        return local_path(url).read_text(encoding="utf-8"), "text/html", url

    def attempt() -> tuple[str, str, str]:
        with _answer(url, network, {"Accept": accept}) as response:
            # not response.text: that guesses the encoding, which takes a second for a long page
            text = response.content.decode(errors="replace")
            return text, response.headers.get("Content-Type", ""), response.url

    return patiently(attempt, network.pauses)


def local_path(url: str) -> Path:
    """Name the file that a file address means."""
    host, slash, rest = url.removeprefix("file://").partition("/")
    path = Path(unquote(slash + rest))
    if host not in {"", "localhost"} or not path.is_file():
        raise SourceError(f"{public(url)} is no file of this host", hint="write file:///path, with three slashes")
    if not os.access(path, os.R_OK):
        raise SourceError(f"{path} may not be read", hint="check its permissions")
    return path


def _download(url: str, target: Path, network: Network) -> str:
    seen, size = hashlib.sha256(), 0
    # what the server has is what its checksum is of: nothing between may pack and unpack it
    with _answer(url, network, {"Accept-Encoding": "identity"}) as response, target.open("wb") as file:
        for piece in response.raw.stream(_CHUNK, decode_content=False):
            process.heed()
            seen.update(piece)
            size += file.write(piece)
            if size > _LARGEST:
                raise SourceError(f"{public(url)} gives more than {_LARGEST:,} bytes", hint="check the address")
    return seen.hexdigest()


@contextmanager
def _answer(url: str, network: Network, headers: Mapping[str, str]) -> Iterator["requests.Response"]:
    import requests

    verify = str(network.ca_bundle) if network.ca_bundle else True
    with _sentences(url), requests.Session() as session:
        session.headers.update(headers)
        try:
            response = session.get(url, stream=True, timeout=network.timeouts, verify=verify)
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            raise SourceError(str(error), hint="check ca_bundle and REQUESTS_CA_BUNDLE") from error
        with response:
            _check(url, response)
            yield response


def _check(url: str, response: "requests.Response") -> None:
    """Refuse an answer that is not what was asked for."""
    status, place = response.status_code, public(url)
    said = f"{status} {response.reason}".strip()
    if status in {408, 425, 429} or status >= 500:
        asked = response.headers.get("Retry-After", "")
        raise PassingError(
            f"{place} answers {said}", hint="try later", pause=float(asked) if asked.isdecimal() else 0.0
        )
    if status in {401, 403, 407}:
        raise SourceError(f"{place} may not be read ({said})", hint="give a user and password in ~/.netrc")
    if status in {404, 410}:
        raise AbsentError(f"{place} is not there ({said})", hint="check the address and the version in it")
    if status != 200:
        raise SourceError(f"{place} answers {said}", hint="check the address")
    if url.startswith("https:") and not response.url.startswith("https:"):
        raise SourceError(f"{place} redirects to an address without encryption", hint="use another mirror")


@contextmanager
def _sentences(url: str) -> Iterator[None]:
    """Turn what requests and urllib3 raise into sentences, without the address as it was given."""
    import requests
    import urllib3.exceptions

    try:
        yield
    except requests.exceptions.SSLError as error:
        reason = _reason(error)
        if "CERTIFICATE" not in reason:
            raise PassingError(f"{public(url)} cannot be reached: {reason}", hint="try later") from None
        raise SourceError(
            f"{public(url)} shows a certificate that is not trusted: {reason}",
            hint="set ca_bundle to a file with the certificate of your authority",
        ) from None
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        raise PassingError(
            f"{public(url)} cannot be reached or broke off: {_reason(error)}",
            hint=NO_NETWORK,
        ) from None
    except (requests.RequestException, ValueError) as error:  # ValueError: requests lets urllib's pass
        raise SourceError(
            f"{public(url)} cannot be fetched: {_reason(error)}", hint="give an http, https or file address"
        ) from None


def _reason(error: BaseException) -> str:
    """Dig for what happened first: requests wraps the system's own words three times."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return public(text)
