"""The machine is looked at, never assumed."""

import socket
from pathlib import Path

from kollage.deploy import host


def test_a_port_that_something_listens_on_is_seen_with_the_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        seen = host.look((), Path("/"))
        assert port in seen.listening
        assert seen.listening[port].startswith("py")
    assert port not in host.look((), Path("/")).listening


def test_where_no_interface_was_left_nothing_is_removed() -> None:
    assert not host.remove_left("kollage-none")
    assert not host.remove_left("lo")


def test_memory_and_disk_are_numbers_of_bytes(tmp_path: Path) -> None:
    seen = host.look(("nofile=1:2",), tmp_path / "not/there/yet")
    assert seen.memory > 10**6
    assert seen.disk > 0
    assert seen.limits == ("nofile=1:2",)
