"""Ask a registry what is published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from kollage.options import Options
from kollage.registry import credentials, manifest
from kollage.registry.authorization import authorize
from kollage.registry.credentials import Credential
from kollage.registry.loopback import is_plain
from kollage.registry.manifest import ACCEPTED, Manifest, Published, normal, this_platform
from kollage.registry.reference import DOCKER_HUB, Reference, parse
from kollage.registry.refusals import Answer, refused
from kollage.registry.transport import Wire, opened, same_server
from kollage.registry.trust import Trust, trust_of

Credentials = Callable[[str, str], Credential | None]  # host, repository -> who this user is there

_OK, _UNAUTHORIZED, _FORBIDDEN, _ABSENT = 200, 401, 403, 404
_AT_DOCKER_HUB = "registry-1.docker.io"  # where docker.io answers


def nobody(_host: str, _repository: str) -> Credential | None:
    """Credentials for no registry at all."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Asks registries, with what this user has to show where they ask for it. May be used by several threads.

    Every question raises `RegistryError`; `with_retries` repeats those that may pass. A client remembers what
    registries let it in with.
    """

    timeout: float = 120.0  # seconds
    trust: Trust = field(default_factory=Trust)
    credentials: Credentials = nobody
    _authorizations: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def published(self, reference: str, *, platform: str = "") -> Published | None:
        """What a registry has under a name; None where it has nothing.

        Of an index, `config` and `size` are those of the image for a platform: this machine's, if none is named.
        """
        where = parse(reference)
        with opened(self.trust, self.timeout) as wire:
            found = image = self._manifest(wire, where)
            if found and found.platforms is not None:
                digest = found.platforms.get(normal(platform or this_platform()))
                image = self._manifest(wire, replace(where, tag=digest)) if digest else None
        if not found:
            return None
        return Published(
            digest=found.digest,
            media_type=found.media_type,
            config=image.config if image else None,
            size=image.size if image else 0,
        )

    def platforms(self, reference: str) -> Mapping[str, str]:
        """The platforms of an index with the digests of their images; empty for anything that is no index."""
        with opened(self.trust, self.timeout) as wire:
            found = self._manifest(wire, parse(reference))
        return found.platforms or {} if found else {}

    def labels(self, reference: str, config: str) -> Mapping[str, str]:
        """What stands on the image whose configuration has that digest, in the repository of a reference."""
        where = parse(reference)
        with opened(self.trust, self.timeout) as wire:
            answer, credential = self._ask(wire, where, f"blobs/sha256:{config}")
        if answer.status != _OK:
            raise refused(where.host, answer, source=credential.source if credential else "")
        return manifest.labels(answer.body, config=config, host=where.host)

    def exchange(self, where: Reference, method: str, path: str, *, body: bytes = b"", media_type: str = "") -> Answer:
        """Send something to a repository and give the answer, whatever it is.

        `path` is below the repository, or an address on the same server that it named itself.
        """
        url = path if "://" in path else f"{_address(where)}/{path}"
        place = where.host, where.repository
        headers = {"Accept": ACCEPTED, **({"Content-Type": media_type} if media_type else {})}
        known = self._authorizations.get(place, "") if same_server(url, _address(where)) else ""
        with opened(self.trust, self.timeout) as wire:
            answer = wire.send(method, url, {**headers, **({"Authorization": known} if known else {})}, body)
            if answer.status != _UNAUTHORIZED or not same_server(answer.url, _address(where)):
                return answer
            authorization = authorize(wire, where, answer, self.credentials(*place))
            answer = wire.send(method, url, {**headers, "Authorization": authorization}, body)
        if answer.status not in {_UNAUTHORIZED, _FORBIDDEN}:
            self._authorizations[place] = authorization
        return answer

    def _manifest(self, wire: Wire, where: Reference) -> Manifest | None:
        answer, credential = self._ask(wire, where, f"manifests/{where.tag}")
        if answer.status == _ABSENT:
            return None
        if answer.status != _OK:
            raise refused(where.host, answer, source=credential.source if credential else "")
        return manifest.read(
            answer.body,
            content_type=answer.headers.get("content-type", ""),
            digest=answer.headers.get("docker-content-digest", ""),
            host=where.host,
        )

    def _ask(self, wire: Wire, where: Reference, what: str) -> tuple[Answer, Credential | None]:
        url = f"{_address(where)}/{what}"
        place = where.host, where.repository
        answer = wire.get(url, accept=ACCEPTED, authorization=self._authorizations.get(place, ""))
        if answer.status != _UNAUTHORIZED or not same_server(answer.url, url):
            return answer, None
        credential = self.credentials(*place)
        authorization = authorize(wire, where, answer, credential)
        answer = wire.get(url, accept=ACCEPTED, authorization=authorization)
        if answer.status not in {_UNAUTHORIZED, _FORBIDDEN}:
            self._authorizations[place] = authorization
        return answer, credential


def client_of(options: Options) -> Client:
    """A client for what the options and the environment say."""
    return Client(
        timeout=options.timeout,
        trust=trust_of(options.environ, options.ca_bundle),
        credentials=partial(credentials.find, environ=options.environ),
    )


def _address(where: Reference) -> str:
    """Where the repository of a reference answers."""
    host = _AT_DOCKER_HUB if where.host == DOCKER_HUB else where.host
    scheme = "http" if is_plain(host) else "https"
    return f"{scheme}://{host}/v2/{where.repository}"
