"""What to answer a registry that asks who is there: a password, or a token from where the registry says.

The password goes to the registry and to the token service that it names, as docker does it: over https only, unless
both are on this machine.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from kollage.errors import RegistryError
from kollage.registry.credentials import Credential
from kollage.registry.loopback import is_loopback
from kollage.registry.reference import Reference
from kollage.registry.refusals import Answer, refused
from kollage.registry.transport import Wire, server

_PARAMETER = re.compile(
    r"""(?:(?P<scheme>[A-Za-z][\w-]*)\s+)?      # it begins a challenge
        (?P<name>[\w-]+)\s*=\s*
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))""",
    re.VERBOSE,
)
_OK = 200


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in which a server wants to be told who is there."""

    scheme: str  # in lower case
    parameters: Mapping[str, str] = field(default_factory=dict)


def challenges(header: str) -> tuple[Challenge, ...]:
    """Read `WWW-Authenticate`, which may hold several."""
    found: list[tuple[str, dict[str, str]]] = []
    for match in _PARAMETER.finditer(header):
        if match["scheme"]:
            found.append((match["scheme"].lower(), {}))
        if found:
            value = match["bare"] or re.sub(r"\\(.)", r"\1", match["quoted"] or "")
            found[-1][1][match["name"].lower()] = value
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def authorize(wire: Wire, where: Reference, refusal: Answer, credential: Credential | None) -> str:
    """Give the header `Authorization` that a registry's refusal asks for. Raises `RegistryError`."""
    wanted = {each.scheme: each for each in challenges(refusal.headers.get("www-authenticate", ""))}
    if "bearer" in wanted:
        return f"Bearer {_token(wire, where, wanted['bearer'].parameters, credential)}"
    if "basic" in wanted and credential and credential.password:
        return _basic(credential)
    raise refused(where.host, refusal, source=credential.source if credential else "")


def _token(wire: Wire, where: Reference, parameters: Mapping[str, str], credential: Credential | None) -> str:
    realm = parameters.get("realm", "")
    if not realm.startswith("https://") and not (is_loopback(server(realm)) and is_loopback(where.host)):
        raise RegistryError(
            f"{where.host} wants to be told a password without encryption", hint="its token service needs https"
        )
    scope = parameters.get("scope") or f"repository:{where.repository}:pull"
    said = {"service": parameters["service"]} if parameters.get("service") else {}
    if credential and credential.identity_token:
        form = {"grant_type": "refresh_token", "client_id": "kollage", "scope": scope, **said}
        answer = wire.post(realm, {**form, "refresh_token": credential.identity_token})
    else:
        query = urlencode([*said.items(), *(("scope", each) for each in scope.split())])
        address = f"{realm}{'&' if '?' in realm else '?'}{query}"
        answer = wire.get(address, authorization=_basic(credential) if credential else "")
    if answer.status != _OK:
        raise refused(server(realm), answer, source=credential.source if credential else "")
    return _in_answer(answer, server(realm))


def _in_answer(answer: Answer, host: str) -> str:
    try:
        facts = json.loads(answer.body)
        token = facts.get("token") or facts["access_token"]
    except (ValueError, KeyError, TypeError, AttributeError):
        token = None
    if not isinstance(token, str):
        raise RegistryError(f"{host} answers with something that is no token", hint="ask whoever runs it")
    return token


def _basic(credential: Credential) -> str:
    words = f"{credential.user}:{credential.password}".encode()
    return f"Basic {base64.b64encode(words).decode()}"
