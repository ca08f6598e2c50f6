"""A web server on loopback whose pages a test sets, and which counts how often each was asked for."""

import io
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Site:
    address: str
    pages: dict[str, bytes] = field(default_factory=dict)  # path -> what it gives; else it answers 404
    asked: Counter[str] = field(default_factory=Counter)
    endless: set[str] = field(default_factory=set)  # paths of which there is always more


@contextmanager
def served() -> Iterator[Site]:
    site = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked[self.path] += 1
            if self.path in site.endless:
                self.go_on()
                return
            page = site.pages.get(self.path)
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def go_on(self) -> None:
            """Give more until nobody listens."""
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                while True:
                    self.wfile.write(bytes(100_000))
                    time.sleep(0.01)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def archive(files: Mapping[str, str], mode: int = 0o644) -> bytes:
    """A gzipped tar of some texts."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            member.mode = mode
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()
