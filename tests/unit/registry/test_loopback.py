"""Plain http is spoken with a registry on this machine that has no TLS, and with no other."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.unit.registry.stub import Stub

from kollage.errors import RegistryError
from kollage.registry.loopback import is_loopback, is_plain, listens


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Something that takes one connection and is no web server."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            connection, _ = server.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=take)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("host", ["localhost", "localhost:4000", "127.0.0.1", "127.1.2.3:5000", "[::1]:4000", "[::1]"])
def test_this_machine_has_several_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["quay.io", "localhost.example", "10.0.0.1:5000", "128.0.0.1", "[::2]:4000", "0.0.0.0:4000", "1270.0.0.1"]
)
def test_no_other_name_is_this_machine_s(host: str) -> None:
    assert not is_loopback(host)
    assert not is_plain(host)  # without a look at the network


def test_a_registry_without_tls_is_plain(stub: Stub) -> None:
    assert is_plain(stub.host)
    assert is_plain(stub.host.replace("127.0.0.1", "localhost"))
    assert stub.asked == []


def test_one_with_tls_is_not_whoever_signed_its_certificate(secure: Stub) -> None:
    assert not is_plain(secure.host)


def test_neither_is_one_that_refuses_in_the_words_of_tls() -> None:
    handshake_failure = bytes([21, 3, 3, 0, 2, 2, 40])

    def refuse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(handshake_failure)

    with answering(refuse) as host:
        assert not is_plain(host)


def test_one_that_hangs_up_does_not_speak_tls() -> None:
    with answering(lambda connection: connection.recv(4096)) as host:
        assert is_plain(host)


def test_where_nothing_listens_that_is_told_and_may_pass() -> None:
    port = unused_port()
    with pytest.raises(RegistryError) as caught:
        is_plain(f"127.0.0.1:{port}")
    assert caught.value.message == f"the registry 127.0.0.1:{port} does not answer: Connection refused"
    assert caught.value.transient
    assert not listens("127.0.0.1", port)
