"""What a registry does not do, as a sentence with the way out, and whether it is worth asking again."""

import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kollage.errors import RegistryError

_NO_NETWORK = "check its name, the network and the proxy variables (http_proxy, https_proxy, no_proxy)"
_BUSY = frozenset((408, 425, 429))
_LONGEST = 200  # characters of a registry's own words
_NO_ISSUER = re.compile(r"self.signed|issuer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered; names of headers are in lower case."""

    url: str = field(repr=False)  # addresses, headers and bodies may hold secrets
    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


def refused(host: str, answer: Answer, *, source: str = "") -> RegistryError:
    """Explain an answer that is not what was asked for; `source` says where the credentials came from."""
    said = f"{answer.status} {answer.reason}".strip() + _own_words(answer.body)
    if answer.status in {401, 403}:
        who = f"the credentials in {source}" if source else "who has no credentials"
        return RegistryError(f"{host} refuses {who}: {said}", hint=f"docker login {host}, or buildah login {host}")
    if answer.status in _BUSY or answer.status >= 500:
        return RegistryError(f"{host} answers {said}", hint="try later", transient=True, pause=_asked_for(answer))
    return RegistryError(f"{host} answers {said}", hint="is it a registry?")


def broken_off(
    host: str, error: BaseException, *, lasting: bool = False, before: BaseException | None = None
) -> RegistryError:
    """Explain a question that got no answer; `before` is an error that was being dealt with when it was asked."""
    cause = _first_cause(error, before)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _untrusted(host, cause.verify_message)
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return _no_tls(host, cause)
    if lasting:  # the words of such errors are addresses
        return RegistryError(f"{host} cannot be asked: an address or a proxy is malformed", hint=_NO_NETWORK)
    reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    unknown = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME
    refused_by_proxy = re.search(r"Tunnel connection failed: 4\d\d", reason)
    return RegistryError(
        f"{host} cannot be reached: {reason}", hint=_NO_NETWORK, transient=not (unknown or refused_by_proxy)
    )


def _untrusted(host: str, reason: str) -> RegistryError:
    message = f"{host} shows a certificate that is not trusted: {reason}"
    if not _NO_ISSUER.search(reason):
        return RegistryError(message, hint="whoever runs it has to renew its certificate for this name")
    return RegistryError(
        message,
        hint=f"put the certificate of its authority into /etc/containers/certs.d/{host}/ca.crt,"
        f" for docker into /etc/docker/certs.d/{host}/ca.crt",
    )


def _no_tls(host: str, cause: ssl.SSLError) -> RegistryError:
    reason = (cause.reason or str(cause)).replace("_", " ").lower()
    if "ALERT" in (cause.reason or ""):
        hint = f"where it asks for a certificate, put it into /etc/containers/certs.d/{host}/client.cert and client.key"
    else:
        hint = "a registry that is not on this machine needs https"
    return RegistryError(f"{host} cannot be spoken with over TLS: {reason}", hint=hint)


def _first_cause(error: BaseException, before: BaseException | None) -> BaseException:
    """Dig for what happened: libraries wrap it several times."""
    while inner := _wrapped(error, before):
        error = inner
    return error


def _wrapped(error: BaseException, before: BaseException | None) -> BaseException | None:
    inner = error.__cause__ or error.__context__
    if inner and inner is not before:
        return inner
    word = next(iter(error.args), None)  # urllib3 has the error of ssl as its only word
    return word if isinstance(word, BaseException) else None


def _own_words(body: bytes) -> str:
    """What the registry says of it, on one line and without anything that a terminal would obey."""
    try:
        first = json.loads(body)["errors"][0]
        words = str(first.get("message") or first.get("code") or "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return ""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return f" ({words[:_LONGEST]})" if words else ""


def _asked_for(answer: Answer) -> float:
    """The seconds of a header Retry-After, which may be a date."""
    text = answer.headers.get("retry-after", "")
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # none, or without a zone
        return 0.0
