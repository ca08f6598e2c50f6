"""A server on this machine that answers as services of OpenStack do, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, Mapping[str, object]]  # a status and what is said


@contextmanager
def served(answers: Callable[[str, str], Answer | None]) -> Iterator[str]:
    """A server that answers what a function says of a method and a path, and 404 elsewhere: its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = answers(self.command, self.path) or (404, {"error": {"message": "nothing there"}})
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("X-Subject-Token", "secret-token")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names are the library's

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def token(*services: tuple[str, str]) -> Answer:
    """What Keystone says to who logs in: a token with a catalogue of types and addresses."""
    catalog = [
        {
            "id": kind,
            "type": kind,
            "name": kind,
            "endpoints": [
                {"id": kind, "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": url}
            ],
        }
        for kind, url in services
    ]
    user = {"id": "u", "name": "admin", "domain": {"id": "default", "name": "Default"}}
    project = {"id": "p", "name": "admin", "domain": {"id": "default", "name": "Default"}}
    times = {"issued_at": "2026-11-01T10:00:00.000000Z", "expires_at": "2036-11-01T10:00:00.000000Z"}
    return 201, {
        "token": {"methods": ["password"], "user": user, "project": project, "roles": [], "catalog": catalog, **times}
    }
