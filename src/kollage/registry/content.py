"""Content in a registry beside images: pieces by their digest, and second names for what is there.

A piece is any content of up to `PIECE` bytes; what is larger goes as several. What a registry gives is compared with
the digest that was asked for. Pieces that nothing names are what a registry's cleaning removes, so `keep` names them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlencode, urljoin

from kollage.errors import RegistryError
from kollage.registry.client import Client
from kollage.registry.reference import Reference, parse
from kollage.registry.refusals import Answer, refused

PIECE = 4 << 20  # bytes

_OK, _CREATED, _ACCEPTED, _ABSENT = 200, 201, 202, 404
_BLOB = "application/octet-stream"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_NOTHING = b"{}"  # a manifest has to have a configuration


def digest_of(content: bytes) -> str:
    """What a registry calls this content."""
    return f"sha256:{sha256(content).hexdigest()}"


def pieces(content: bytes) -> Iterator[bytes]:
    """The content in pieces; nothing is one empty piece."""
    yield from (content[start : start + PIECE] for start in range(0, len(content) or 1, PIECE))


def put(client: Client, where: Reference, piece: bytes) -> str:
    """Bring a piece into a repository, unless it is there, and give its digest."""
    digest = digest_of(piece)
    if client.exchange(where, "HEAD", f"blobs/{digest}").status == _OK:
        return digest
    begun = _expect(client.exchange(where, "POST", "blobs/uploads/"), where, _ACCEPTED)
    address = urljoin(begun.url, begun.headers.get("location", ""))
    joined = f"{address}{'&' if '?' in address else '?'}{urlencode({'digest': digest})}"
    _expect(client.exchange(where, "PUT", joined, body=piece, media_type=_BLOB), where, _CREATED)
    return digest


def get(client: Client, where: Reference, digest: str) -> bytes:
    """A piece of a repository. Raises `RegistryError` where it is not there, or is another one."""
    answer = client.exchange(where, "GET", f"blobs/{digest}")
    if answer.status == _ABSENT:
        raise RegistryError(f"{where.host} does not have {digest} in {where.repository} any more", hint="run it again")
    body = _expect(answer, where, _OK).body
    if digest_of(body) != digest:
        raise RegistryError(f"what {where.host} gives is not what it says: it is not {digest}", transient=True)
    return body


def keep(client: Client, where: Reference, digests: Iterable[tuple[str, int]]) -> str:
    """Name pieces, each with its size, so that they stay; the name is the tag of the reference."""
    nothing = put(client, where, _NOTHING)
    facts = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": _BLOB, "digest": nothing, "size": len(_NOTHING)},
        "layers": [{"mediaType": _BLOB, "digest": digest, "size": size} for digest, size in digests],
    }
    return _put_manifest(client, where, json.dumps(facts).encode(), _MANIFEST)


def name(client: Client, there: str, wanted: str) -> str:
    """Give what a repository has under one name another name in it, and give its digest: no layer travels."""
    source, target = parse(there), parse(wanted)
    body, media_type = _manifest(client, source)
    return _put_manifest(client, replace(source, tag=target.tag), body, media_type)


def index(client: Client, wanted: str, members: Iterable[tuple[str, str]]) -> str:
    """Make a name that of an index of images in the same repository, each with its platform; give its digest."""
    target, entries = parse(wanted), []
    for there, platform in members:
        body, media_type = _manifest(client, parse(there))
        system, architecture = platform.split("/")[:2]
        entries.append(
            {
                "mediaType": media_type,
                "digest": digest_of(body),
                "size": len(body),
                "platform": {"os": system, "architecture": architecture},
            }
        )
    facts = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}
    return _put_manifest(client, target, json.dumps(facts).encode(), _INDEX)


def _manifest(client: Client, where: Reference) -> tuple[bytes, str]:
    answer = client.exchange(where, "GET", f"manifests/{where.tag}")
    if answer.status == _ABSENT:
        raise RegistryError(f"{where} is not there", hint="somebody may have removed it; run it again")
    _expect(answer, where, _OK)
    return answer.body, answer.headers.get("content-type", "").partition(";")[0].strip()


def _put_manifest(client: Client, where: Reference, body: bytes, media_type: str) -> str:
    answer = client.exchange(where, "PUT", f"manifests/{where.tag}", body=body, media_type=media_type)
    _expect(answer, where, _CREATED)
    return digest_of(body)


def _expect(answer: Answer, where: Reference, status: int) -> Answer:
    if answer.status != status:
        raise refused(where.host, answer, source="")
    return answer
