"""Many hosts, as far as no engine is needed: what is refused, and in which words."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kollage import __version__
from kollage.distributed import certs
from tests.functional.world import World, until

OLD = """
import asyncio
from distributed import Worker

async def main():
    has = {{"build": 4, "disk": 50, "kollage 0.0.9": 1}}
    async with Worker("tcp://{address}", name="old", resources=has) as worker:
        print("registered", flush=True)
        await worker.finished()

asyncio.run(main())
"""
REGISTRY = ("--registry", "registry.example")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(world: World, ready: str, *words: str) -> Iterator[None]:
    """A program of Python's, while the block lasts."""
    log = world.root / "dask.log"
    with log.open("ab") as file:
        child = subprocess.Popen(
            [sys.executable, *words],
            stdout=file,
            stderr=file,
            env={**os.environ, "HOME": str(world.home), "TMPDIR": str(world.root)},
            cwd=world.root,
            start_new_session=True,
        )
    try:
        until(lambda: ready in log.read_text(encoding="utf-8"))
        yield
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def scheduler(world: World) -> Iterator[str]:
    port = free_port()
    words = ("-m", "dask", "scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard")
    with running(world, "Scheduler at", *words):
        yield f"127.0.0.1:{port}"


def test_certificates_are_made_once(world: World) -> None:
    first = world.run("certs")
    assert first.code == 0
    assert [line.partition(":")[0] for line in first.out.splitlines()] == [
        f"~/home/.config/kollage/certs/{name}.crt" for name in ("ca", "scheduler", "worker", "client")
    ]
    assert world.run("certs").out == "~/home/.config/kollage/certs: all certificates hold\n"


def test_nobody_speaks_in_the_open_with_another_machine(world: World) -> None:
    done = world.run("build", "--scheduler", "tcp://10.0.0.1:8786", *REGISTRY)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: tcp://10.0.0.1:8786 is not on this machine, and tcp:// is without encryption")


def test_without_certificates_nobody_is_asked(world: World) -> None:
    done = world.run("build", "--scheduler", "build1.example", *REGISTRY)
    assert done.code == 2
    assert done.err.startswith("error: there is no ~/home/.config/kollage/certs/ca.crt")
    assert "kollage certs" in done.err


def test_a_certificate_that_has_expired_is_told_before_anybody_is_asked(world: World) -> None:
    list(certs.make(world.root / "certs", days=0))
    for verb in ("build", "worker"):
        more = REGISTRY if verb == "build" else ()
        done = world.run(verb, "--scheduler", "build1.example", "--certs-dir", str(world.root / "certs"), *more)
        assert done.code == 2
        assert "expired on 20" in done.err


def test_a_scheduler_that_does_not_answer(world: World) -> None:
    port = free_port()
    done = world.run("build", "--scheduler", f"127.0.0.1:{port}", *REGISTRY)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: no scheduler answers at tcp://127.0.0.1:{port}: ")
    assert "Traceback" not in done.err


def test_something_else_that_answers(world: World) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = world.run("build", "--scheduler", f"127.0.0.1:{server.server_port}", *REGISTRY)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert done.code == 2
    assert done.err.startswith("error: what answers at tcp://127.0.0.1")
    assert "Traceback" not in done.err


def test_a_scheduler_of_other_certificates(world: World, tmp_path: Path) -> None:
    list(certs.make(world.root / "ours", days=30))
    list(certs.make(world.root / "theirs", days=30))
    port, theirs = free_port(), world.root / "theirs"
    words = ("-m", "dask", "scheduler", "--protocol=tls", "--host=127.0.0.1", f"--port={port}", "--no-dashboard")
    shown = (
        f"--tls-ca-file={theirs}/ca.crt",
        f"--tls-cert={theirs}/scheduler.crt",
        f"--tls-key={theirs}/scheduler.key",
    )
    with running(world, "Scheduler at", *words, *shown):
        flags = ("--scheduler", f"tls://127.0.0.1:{port}", "--certs-dir", str(world.root / "ours"))
        done = world.run("build", *flags, *REGISTRY)
    assert done.code == 2
    assert "no scheduler of these certificates answers" in done.err
    assert "Traceback" not in done.err


def test_images_need_a_registry_to_travel_through(world: World) -> None:
    done = world.run("build", "--scheduler", "127.0.0.1")
    assert done.code == 2
    assert done.err.startswith("error: nothing says which registry the workers share")


def test_a_plan_that_no_worker_could_carry_out_is_refused_before_it_begins(world: World) -> None:
    world.tree()
    for place in ("base", "tool", "app/app-base", "app/app-api"):
        path = world.root / "docker" / place / "Dockerfile.j2"
        if place == "base":
            path.write_text("FROM scratch\n")
    with scheduler(world) as address:
        nobody = world.run("build", "--scheduler", address, "--registry", "127.0.0.1:1", "--noregistry-cache")
        assert nobody.code == 3
        assert "there is no worker" in nobody.err
        with running(world, "registered", "-c", OLD.format(address=address)):
            old = world.run("build", "--scheduler", address, "--registry", "127.0.0.1:1")
    assert old.code == 3
    assert f"worker old has Kollage 0.0.9, and this is {__version__}: not used" in old.err


def test_a_worker_without_an_engine_does_not_begin(world: World) -> None:
    (world.root / "bin/buildah").unlink()
    done = world.run("worker", "--scheduler", "127.0.0.1")
    assert done.code == 3
    assert done.err.startswith("error: no engine answers")


def test_a_worker_needs_a_scheduler(world: World) -> None:
    done = world.run("worker")
    assert done.code == 2
    assert done.err.startswith("error: nothing says whose worker this is to be")


@pytest.mark.parametrize("address", ["http://x", "x y", "tls://"])
def test_what_is_no_address_of_a_scheduler(world: World, address: str) -> None:
    done = world.run("build", "--scheduler", address, *REGISTRY)
    assert done.code == 2
    assert "hint: such as tls://" in done.err
