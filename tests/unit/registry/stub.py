"""A registry on loopback that answers what a test says, and notes how it was asked."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CONFIG = "c0" * 32
IMAGE = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"digest": f"sha256:{CONFIG}", "size": 7},
    "layers": [{"digest": f"sha256:{'1a' * 32}", "size": 40}, {"digest": f"sha256:{'1b' * 32}", "size": 2}],
}


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    authorization: str
    form: Mapping[str, list[str]]
    accept: str


@dataclass
class Stub:
    host: str = ""
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)  # path, authorization ("*": any) -> reply
    asked: list[Asked] = field(default_factory=list)

    def on(self, path: str, reply: Reply, authorization: str = "*") -> None:
        self.replies[path, authorization] = reply

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        anyhow = self.replies.get((asked.path, "*"), said(404, "MANIFEST_UNKNOWN", "manifest unknown"))
        return self.replies.get((asked.path, asked.authorization), anyhow)

    def authorizations(self) -> list[str]:
        return [asked.authorization for asked in self.asked]


def said(status: int, code: str, message: str, **headers: str) -> Reply:
    """A registry's refusal, as registries phrase it."""
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def challenge(header: str) -> Reply:
    return said(401, "UNAUTHORIZED", "authentication required", WWW_Authenticate=header)


def manifest(facts: object, **headers: str) -> Reply:
    media_type = facts.get("mediaType", "") if isinstance(facts, dict) else ""
    return Reply(json.dumps(facts).encode(), 200, {"Content-Type": media_type, **headers})


def digest(reply: Reply) -> str:
    return f"sha256:{sha256(reply.body).hexdigest()}"


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked = Asked(
                self.command,
                address.path,
                parse_qs(address.query),
                self.headers.get("Authorization", ""),
                parse_qs(form),
                self.headers.get("Accept", ""),
            )
            reply = stub.reply(asked)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that hang up."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Stub]:
    stub = Stub()
    with _Server(("127.0.0.1", 0), _handler(stub)) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        stub.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()
