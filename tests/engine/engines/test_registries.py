"""Images go to a real registry and come back, whichever engine carries them."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kollage.engines.docker import Docker
from kollage.engines.retrying import Retrying
from kollage.process import CommandError
from kollage.registry import Client
from tests.engine.engines.conftest import BASE, STORES, Bench, Server, registry, signed
from tests.engine.registry.conftest import free_port

pytestmark = pytest.mark.engine

Serve = Callable[..., Server]


@pytest.fixture
def guarded(serve: Serve, tmp_path: Path) -> Server:
    """A registry that wants to know who is there."""
    users = subprocess.run(["htpasswd", "-nbB", "user", "right"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "users").write_text(users)
    return serve(auth={"htpasswd": {"realm": "tests", "path": str(tmp_path / "users")}})


@pytest.fixture
def log_in(apart: Path) -> Iterator[Callable[[str, str], None]]:
    """A function that notes a password where docker's `login` does, for all engines."""
    config = apart / ".docker/config.json"

    def note(host: str, password: str) -> None:
        secret = base64.b64encode(f"user:{password}".encode()).decode()
        config.write_text(json.dumps({"auths": {host: {"auth": secret}}}))

    yield note
    config.unlink()


def named(bench: Bench, server: Server, text: str = "") -> str:
    """An image with a layer of its own, named for a registry."""
    own = bench.name().replace("/", "-").partition(":")[0]
    name = f"{server.host}/t/{own}:1"
    bench.build(f"FROM {BASE}\nRUN echo {own} {text} > /own\n", references=(name,))
    return name


def push(bench: Bench, name: str, *, plain: bool = True) -> str:
    return bench.engine.push(name, lambda _line: None, plain=plain)


def path_of(name: str) -> str:
    """Where a registry keeps the manifest of an image."""
    return f"{name.partition('/')[2].partition(':')[0]}/manifests/1"


class TestPush:
    engines = (*STORES, "podman-service")

    def test_the_digest_is_the_registrys_own(self, bench: Bench, serve: Serve) -> None:
        server = serve()
        name = named(bench, server)
        lines: list[str] = []
        assert bench.engine.push(name, lines.append, plain=True) == server.digest(path_of(name))
        if bench.id != "podman-service":  # older clients of a service say nothing
            assert lines

    def test_an_image_that_is_pushed_again_has_the_same(self, bench: Bench, serve: Serve) -> None:
        server = serve()
        name = named(bench, server)
        assert push(bench, name) == push(bench, name) == server.digest(path_of(name))

    def test_a_name_that_moved_on_has_another(self, bench: Bench, serve: Serve) -> None:
        server = serve()
        name = named(bench, server)
        first = push(bench, name)
        bench.build(f"FROM {BASE}\nRUN echo {bench.id} moved on > /own\n", references=(name,))
        second = push(bench, name)
        assert first != second == server.digest(path_of(name))

    def test_without_tls_it_has_to_be_allowed(self, bench: Bench, serve: Serve) -> None:
        server = serve()
        name = named(bench, server)
        if isinstance(bench.engine, Docker):  # its daemon allows this machine by itself
            assert push(bench, name, plain=False) == server.digest(path_of(name))
        else:
            with pytest.raises(CommandError, match="HTTP response to HTTPS client"):
                push(bench, name, plain=False)

    def test_what_is_not_there_is_an_error(self, bench: Bench, serve: Serve) -> None:
        with pytest.raises(CommandError):
            push(bench, f"{serve().host}/t/nothing:1")


class TestTls:
    engines = STORES

    def test_an_authority_that_the_host_trusts_is_trusted(
        self, bench: Bench, serve: Serve, certificate: dict[str, str], authority: Path
    ) -> None:
        server = serve(http={"tls": certificate})
        name = named(bench, server)
        digest = push(bench, name, plain=False)
        secure = Server(f"https://{server.host}", server.log)
        assert digest == secure.digest(path_of(name), "--cacert", str(authority / "ca.crt"))

    def test_another_is_not(self, bench: Bench, serve: Serve, tmp_path: Path) -> None:
        server = serve(http={"tls": signed(tmp_path, "other")})
        name = named(bench, server)
        if isinstance(bench.engine, Docker):
            pytest.skip("the daemon does not verify what this machine shows")
        with pytest.raises(CommandError, match="x509: "):
            push(bench, name, plain=False)


class TestCredentials:
    engines = STORES

    def test_those_that_a_login_left_are_used(
        self, bench: Bench, guarded: Server, log_in: Callable[[str, str], None]
    ) -> None:
        log_in(guarded.host, "right")
        name = named(bench, guarded)
        assert push(bench, name) == guarded.digest(path_of(name), "--user", "user:right")

    @pytest.mark.parametrize("password", ["wrong", None])
    def test_a_refusal_is_told_at_once(
        self, bench: Bench, guarded: Server, log_in: Callable[[str, str], None], password: str | None
    ) -> None:
        log_in(guarded.host if password else "elsewhere", password or "")
        name = named(bench, guarded)
        counts = []
        for attempts in (1, 5):
            before = guarded.asked(401)
            with pytest.raises(CommandError):
                Retrying(bench.engine, attempts, _no_pause).push(name, lambda _line: None, plain=True)
            counts.append(guarded.asked(401) - before)
        assert min(counts) > 0
        if not isinstance(bench.engine, Docker):  # its daemon asks for several layers at once, and is stopped somewhere
            assert counts[0] == counts[1]


def _no_pause(_seconds: float) -> None:
    raise AssertionError("what was refused is tried again")


class TestRetries:
    engines = STORES

    def test_a_registry_that_is_not_there_yet_is_waited_for(self, bench: Bench, tmp_path: Path) -> None:
        port = free_port()
        server = Server(f"127.0.0.1:{port}", tmp_path / "registry/log")
        name = named(bench, server)
        with ExitStack() as stack:

            def begin(_seconds: float) -> None:
                stack.enter_context(registry(tmp_path / "registry", port))

            lines: list[str] = []
            digest = Retrying(bench.engine, 2, begin).push(name, lines.append, plain=True)
            assert digest == server.digest(path_of(name))
        assert "that may pass: trying again in 2 s (1 of 1)" in lines


class TestPull:
    @pytest.fixture
    def server(self, bench: Bench, serve: Serve, certificate: dict[str, str]) -> Server:
        """Without TLS for docker alone: its older BuildKits want none on this machine, and the others want it."""
        return serve() if isinstance(bench.engine, Docker) else serve(http={"tls": certificate})

    def test_what_was_pushed_comes_back_as_the_same_image(self, bench: Bench, server: Server) -> None:
        name = named(bench, server)
        identity = bench.named(name)
        push(bench, name, plain=False)
        bench.engine.remove([identity])
        assert bench.named(name) == ""
        assert bench.engine.pull(name, lambda _line: None) == identity == bench.named(name)

    def test_what_is_not_there_is_an_error(self, bench: Bench, server: Server) -> None:
        with pytest.raises(CommandError):
            bench.engine.pull(f"{server.host}/t/nothing:1", lambda _line: None)

    @pytest.mark.parametrize("pull", [True, False])
    def test_a_newer_parent_is_looked_for_if_it_is_to_be(self, bench: Bench, server: Server, pull: bool) -> None:
        parent = named(bench, server, "older")
        older = bench.name()
        bench.engine.tag(parent, older)
        bench.build(f"FROM {BASE}\nRUN echo newer > /own\n", references=(parent,))
        push(bench, parent, plain=False)
        bench.engine.tag(older, parent)
        image = bench.build(f"FROM {parent}\nRUN cp /own /copy\n", pull=pull)
        assert bench.seen(image, "cat /copy").endswith("newer" if pull else "older")

    def test_where_no_registry_answers_the_parent_that_is_there_is_used(self, bench: Bench, tmp_path: Path) -> None:
        parent = named(bench, Server(f"127.0.0.1:{free_port()}", tmp_path), "alone")
        image = bench.build(f"FROM {parent}\nRUN cp /own /copy\n", pull=True)
        assert bench.seen(image, "cat /copy").endswith("alone")

    def test_one_that_is_not_there_is_fetched_anyway(self, bench: Bench, server: Server) -> None:
        parent = named(bench, server, "fetched")
        push(bench, parent, plain=False)
        bench.engine.remove([parent])
        image = bench.build(f"FROM {parent}\nRUN cp /own /copy\n")
        assert bench.seen(image, "cat /copy").endswith("fetched")


def test_images_of_two_platforms_become_one_name(bench: Bench, serve: Serve, archive: Path) -> None:
    server = serve()
    own = bench.name().replace("/", "-").partition(":")[0]
    members = {f"linux/{arch}": f"{server.host}/t/{own}:1-{arch}" for arch in ("amd64", "arm64")}
    for platform, name in members.items():
        bench.engine.import_root(archive, name, {"of": platform}, lambda _line: None, platform=platform)
        push(bench, name)
    bench.engine.push_index(f"{server.host}/t/{own}:1", list(members.values()), lambda _line: None, plain=True)
    client = Client()
    found = client.platforms(f"{server.host}/t/{own}:1")
    assert found == {platform: client.published(name).digest for platform, name in members.items()}  # type: ignore[union-attr]
    bench.engine.remove(members.values())
