"""The health checks, against real sockets, a real web server and real files: 0 for healthy, 1 for anything else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.images.conftest import Stage

MARK = "kollage-health-check-test"  # on the command line of the processes that hold sockets here
NAME = "a-service-with-a-long-name"


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@contextmanager
def process(code: str, *arguments: str, program: str = sys.executable) -> Iterator[str]:
    """A process that has done something, said a line about it, and stays until the test is over."""
    text = f"import socket, sys\n{code}\nsys.stdin.read()"
    with subprocess.Popen(
        [program, "-c", text, MARK, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        yield child.stdout.readline().strip()
        child.communicate()


LISTENS = """
server = socket.create_server((sys.argv[2], 0), family=socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET)
print(server.getsockname()[1], flush=True)
"""
BOUND = """
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
"""
CONNECTS = """
client = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
print(client.getsockname()[1], flush=True)
"""
UNIX = """
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[2])
print(flush=True)
"""


@contextmanager
def connected() -> Iterator[tuple[int, int]]:
    """A connection from a process that can be recognized to this one; the port of this end, and the port of that."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        process(CONNECTS, str(server.getsockname()[1])) as port,
        server.accept()[0],
    ):
        yield server.getsockname()[1], int(port)


@needs("ss", "pgrep")
class TestPort:
    @pytest.mark.parametrize("end", [0, 1])
    def test_a_connection_is_found_by_the_port_of_either_end(self, stage: Stage, end: int) -> None:
        with connected() as ports:
            assert stage.run("healthcheck_port", MARK, str(ports[end])).returncode == 0

    def test_one_of_several_ports_suffices(self, stage: Stage) -> None:
        with connected() as (here, _):
            assert stage.run("healthcheck_port", MARK, "1", str(here), "2").returncode == 0

    def test_the_process_is_an_expression_for_its_whole_command_line(self, stage: Stage) -> None:
        with connected() as (here, _):
            assert stage.run("healthcheck_port", "python.* kollage-(health|other)-check", str(here)).returncode == 0

    def test_a_space_behind_the_process_is_not_part_of_it(self, stage: Stage) -> None:
        """kolla-ansible asks for 'neutron-l3-agent '; who is connected may be called neutron-l3-agent: worker."""
        with connected() as (here, _):
            assert stage.run("healthcheck_port", "kollage-health ", str(here)).returncode == 0

    def test_a_connection_of_another_process_does_not_count(self, stage: Stage) -> None:
        with connected() as (here, _):
            assert stage.run("healthcheck_port", "no-such-process", str(here)).returncode == 1

    def test_a_port_is_not_part_of_a_number(self, stage: Stage) -> None:
        with connected() as (here, _):
            assert stage.run("healthcheck_port", MARK, str(here)[:-1]).returncode == 1

    def test_listening_is_not_being_connected(self, stage: Stage) -> None:
        with process(LISTENS, "127.0.0.1") as port:
            assert stage.run("healthcheck_port", MARK, port).returncode == 1


@needs("ss", "pgrep")
class TestListen:
    @pytest.mark.parametrize("code", [LISTENS, BOUND], ids=["tcp", "udp"])
    def test_a_listening_process_is_healthy(self, stage: Stage, code: str) -> None:
        with process(code, "127.0.0.1") as port:
            assert stage.run("healthcheck_listen", MARK, port).returncode == 0

    @pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
    def test_the_address_may_be_of_either_family(self, stage: Stage) -> None:
        with process(LISTENS, "::1") as port:
            if not port:
                pytest.skip("no IPv6 loopback")
            assert stage.run("healthcheck_listen", MARK, port).returncode == 0

    def test_a_space_behind_the_process_is_not_part_of_it(self, stage: Stage) -> None:
        with process(LISTENS, "127.0.0.1") as port:
            assert stage.run("healthcheck_listen", "kollage-health ", port).returncode == 0

    def test_a_connection_is_not_a_listener(self, stage: Stage) -> None:
        with connected() as (here, there):
            assert stage.run("healthcheck_listen", MARK, str(here), str(there)).returncode == 1

    def test_a_listener_of_another_process_does_not_count(self, stage: Stage) -> None:
        with process(LISTENS, "127.0.0.1") as port:
            assert stage.run("healthcheck_listen", "no-such-process", port).returncode == 1


@needs("ss", "pgrep")
@pytest.mark.parametrize("name", ["healthcheck_port", "healthcheck_listen"])
@pytest.mark.parametrize("ports", [[], ["http"], ["80 or sport = :81"], ["-1"]])
def test_anything_but_the_number_of_a_port_is_unhealthy(stage: Stage, name: str, ports: list[str]) -> None:
    assert stage.run(name, MARK, *ports).returncode == 1


@needs("lsof")
class TestSocket:
    def test_a_process_is_known_by_the_15_characters_that_the_kernel_keeps(self, stage: Stage, tmp_path: Path) -> None:
        path = str(tmp_path / "socket")
        program = tmp_path / NAME
        program.symlink_to(sys.executable)
        with process(UNIX, path, program=str(program)):
            assert stage.run("healthcheck_socket", NAME, path).returncode == 0
            assert stage.run("healthcheck_socket", NAME[:15], path).returncode == 0
            assert stage.run("healthcheck_socket", NAME[:9], path).returncode == 1
            assert stage.run("healthcheck_socket", "other", path).returncode == 1
            assert stage.run("healthcheck_socket", NAME, f"{path}-other").returncode == 1


class Answers(BaseHTTPRequestHandler):
    """/NUMBER answers with that status; the agent and the path that were asked for are its body."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]))
        self.end_headers()
        self.wfile.write(f"{self.headers['User-Agent']} {self.path}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@needs("curl")
class TestCurl:
    @pytest.mark.parametrize("status", [200, 300, 302, 399])
    def test_an_answer_that_is_no_error_is_healthy(self, stage: Stage, url: str, status: int) -> None:
        assert stage.run("healthcheck_curl", f"{url}/{status}").returncode == 0

    @pytest.mark.parametrize("status", [400, 404, 500, 503])
    def test_an_error_is_unhealthy_and_told(self, stage: Stage, url: str, status: int) -> None:
        result = stage.run("healthcheck_curl", f"{url}/{status}")

        assert result.returncode == 1
        assert str(status) in result.stderr

    def test_no_answer_is_unhealthy(self, stage: Stage) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            assert stage.run("healthcheck_curl", f"http://127.0.0.1:{port}/").returncode == 1

    def test_the_report_is_one_line_with_the_status_and_the_peer(self, stage: Stage, url: str) -> None:
        result = stage.run("healthcheck_curl", f"{url}/200")

        assert result.stdout.startswith(f"200 from {url.removeprefix('http://')} in ")
        assert len(result.stdout.splitlines()) == 1

    def test_variables_change_what_is_sent_and_what_is_shown(self, stage: Stage, url: str) -> None:
        result = stage.run(
            "healthcheck_curl",
            f"{url}/200",
            HEALTHCHECK_CURL_USER_AGENT="somebody",
            HEALTHCHECK_CURL_OUTPUT="-",
            HEALTHCHECK_CURL_WRITE_OUT=" %{http_code}",
            HEALTHCHECK_CURL_MAX_TIME="30",
        )

        assert result.stdout == "somebody /200 200"

    def test_brackets_are_part_of_the_address(self, stage: Stage, url: str) -> None:
        result = stage.run("healthcheck_curl", f"{url}/200/[1-2]", HEALTHCHECK_CURL_OUTPUT="-")

        assert result.stdout.startswith("curl-healthcheck /200/[1-2]200")

    def test_no_configuration_file_has_a_say(self, stage: Stage, url: str, tmp_path: Path) -> None:
        (tmp_path / ".curlrc").write_text("user-agent = intruder\n")

        result = stage.run("healthcheck_curl", f"{url}/200", HOME=str(tmp_path), HEALTHCHECK_CURL_OUTPUT="-")

        assert result.stdout.startswith("curl-healthcheck ")


class TestFilemod:
    NOW = 1_000_000

    def check(self, stage: Stage, seconds: str, *, age: int) -> int:
        stage.fake("date", f"echo {self.NOW}")
        path = stage.file("/heart beat")
        os.utime(path, (0, self.NOW - age))
        return stage.run("healthcheck_filemod", str(path), seconds).returncode

    @pytest.mark.parametrize(("age", "status"), [(-5, 0), (0, 0), (60, 0), (61, 1)])
    def test_a_file_is_healthy_up_to_its_age(self, stage: Stage, age: int, status: int) -> None:
        assert self.check(stage, "60", age=age) == status

    def test_a_leading_zero_is_no_octal_number(self, stage: Stage) -> None:
        assert self.check(stage, "090", age=90) == 0

    @pytest.mark.parametrize("seconds", ["", "soon", "a[$(exit 1)]", "-1"])
    def test_anything_but_a_number_of_seconds_is_unhealthy(self, stage: Stage, seconds: str) -> None:
        assert self.check(stage, seconds, age=0) == 1

    @pytest.mark.parametrize("path", ["/absent", "/"])
    def test_anything_but_a_file_is_unhealthy(self, stage: Stage, path: str) -> None:
        assert stage.run("healthcheck_filemod", f"{stage.root}{path}", "60").returncode == 1
