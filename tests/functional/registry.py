"""A registry on loopback that keeps manifests and nothing else, and tells how often it was asked."""

import hashlib
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_HANDSHAKE = b"\x16"  # how a question in TLS begins


@dataclass
class Registry:
    host: str = ""
    manifests: dict[str, bytes] = field(default_factory=dict)  # kolla/base:1 -> what was pushed
    asked: Counter[str] = field(default_factory=Counter)  # by method
    login: bool = False  # whether it lets in nobody who shows nothing
    answers: int = 0  # with this status, whatever is asked; 0: as it should

    def refusal(self, *, shown: bool) -> int:
        """The status with which it refuses somebody who shows who he is, or does not; 0 where it lets him in."""
        return self.answers or (401 if self.login and not shown else 0)


class _Server(ThreadingHTTPServer):
    registry: Registry


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle(self) -> None:
        if self.connection.recv(1, socket.MSG_PEEK) != _HANDSHAKE:  # to which this server has no answer
            super().handle()

    def do_GET(self) -> None:
        found = self.server.registry.manifests.get(self._name())
        self._answer(200 if found else 404, found or b"")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._refusal():
            self.server.registry.manifests[self._name()] = body
        self._answer(201, body)

    def _name(self) -> str:
        return self.path.removeprefix("/v2/").replace("/manifests/", ":")

    def _refusal(self) -> int:
        return self.server.registry.refusal(shown="Authorization" in self.headers)

    def _answer(self, status: int, body: bytes) -> None:
        self.server.registry.asked[self.command] += 1
        refusal = self._refusal()
        content = body if self.command == "GET" and not refusal else b""
        self.send_response(refusal or status)
        if refusal == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
        self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(body).hexdigest()}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Registry]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.registry = Registry(host=f"127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.registry
        finally:
            server.shutdown()
            thread.join()
