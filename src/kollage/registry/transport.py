"""Questions over http, answered or explained in a sentence.

Https is always verified, and http is for this machine only. An authorization goes to the host that it is for and to
no other: redirects are followed here, one by one. No message holds an address, which may have a secret in it, only
hosts.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from kollage.errors import RegistryError
from kollage.registry.loopback import is_loopback
from kollage.registry.reference import is_host
from kollage.registry.refusals import Answer, broken_off
from kollage.registry.trust import Trust, context

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

_CONNECT = 10.0  # seconds
_LARGEST = 8 << 20  # bytes: registries take manifests of up to 4 MiB
_REDIRECTS = 5
_MOVED = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True, slots=True)
class Wire:
    """A way to servers that is open for as long as one question takes, token and redirects included."""

    trust: Trust
    timeout: float
    adapters: "dict[str, HTTPAdapter]" = field(default_factory=dict)  # by host, with its connections

    def get(self, url: str, *, accept: str = "*/*", authorization: str = "") -> Answer:
        """Ask for a page; follow to where it has moved."""
        for _ in range(_REDIRECTS + 1):
            headers = {"Accept": accept, **({"Authorization": authorization} if authorization else {})}
            answer = self._once(url, headers, None)
            target = answer.headers.get("location", "")
            if answer.status not in _MOVED or not target:
                return answer
            onward = _onward(url, target)
            if not same_server(url, onward):
                authorization = ""
            url = onward
        raise RegistryError(f"{server(url)} redirects without an end")

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form, to there and nowhere else."""
        return self._once(url, {}, form, "POST")

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send content, to there and nowhere else."""
        return self._once(url, headers, body, method)

    def _once(
        self, url: str, headers: Mapping[str, str], data: Mapping[str, str] | bytes | None, method: str = "GET"
    ) -> Answer:
        import requests
        from requests.utils import get_environ_proxies

        host = server(url)
        adapter = self._adapter(url, host)
        with _sentences(host):
            # not a session, which would add what is in ~/.netrc and in the environment, and keep cookies
            request = requests.Request(method, url, dict(headers), data=data).prepare()
            timeouts = min(_CONNECT, self.timeout), self.timeout
            proxies = {} if is_loopback(host) else get_environ_proxies(url)  # as engines do
            with adapter.send(request, stream=True, timeout=timeouts, proxies=proxies) as response:
                return Answer(
                    url=url,
                    status=response.status_code,
                    reason=response.reason or "",
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=_body(response, host),
                )

    def _adapter(self, url: str, host: str) -> "HTTPAdapter":
        """What checks this host with what is trusted for it. Raises `RegistryError` where encryption is missing."""
        from kollage.registry.adapter import Trusting

        if not url.startswith("https://") and not (url.startswith("http://") and is_loopback(host)):
            raise _unencrypted(host)
        if host not in self.adapters:
            self.adapters[host] = Trusting(context(self.trust, host))
        return self.adapters[host]


@contextmanager
def opened(trust: Trust, timeout: float) -> Iterator[Wire]:
    """Open a way to servers for one question."""
    wire = Wire(trust, timeout)
    try:
        yield wire
    finally:
        for adapter in wire.adapters.values():
            adapter.close()


def server(url: str) -> str:
    """The host of an address, with its port. Raises `RegistryError` for an address that is none."""
    try:
        host = urlsplit(url).netloc
    except ValueError:
        host = ""
    if not is_host(host):  # a user in it would be sent along
        raise _nowhere()
    return host


def same_server(one: str, other: str) -> bool:
    """Whether two addresses are of one server, so that what one may know the other may."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def _onward(url: str, target: str) -> str:
    try:
        onward = urljoin(url, target)
    except ValueError:
        raise _nowhere() from None
    if url.startswith("https://") and not onward.startswith("https://"):
        raise _unencrypted(server(url))
    return onward


def _nowhere() -> RegistryError:
    return RegistryError("a registry refers to an address that cannot be used", hint="ask whoever runs it")


def _unencrypted(host: str) -> RegistryError:
    return RegistryError(
        f"{host} does without encryption, or leads to where there is none",
        hint="a registry that is not on this machine needs https",
    )


def _body(response: "requests.Response", host: str) -> bytes:
    body = bytearray()
    for piece in response.iter_content(1 << 16):
        body += piece
        if len(body) > _LARGEST:
            raise RegistryError(f"{host} answers with more than {_LARGEST:,} bytes", hint="is it a registry?")
    return bytes(body)


@contextmanager
def _sentences(host: str) -> Iterator[None]:
    """Turn what requests and urllib3 raise into sentences."""
    import urllib3.exceptions

    before = sys.exception()
    try:
        yield
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:  # requests' own are among the first
        raise broken_off(host, error, lasting=isinstance(error, ValueError), before=before) from None
