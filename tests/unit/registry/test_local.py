"""A local registry is refused in a sentence where it cannot be, and only its own process is ever ended."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from kollage.errors import EngineError, UsageError
from kollage.options import Options
from kollage.registry.local import start, stop


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A registry of a program that has the right name and ends at once."""
    program = tmp_path / "bin/docker-registry"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho distribution\n")
    program.chmod(0o755)
    return Options(data_dir=tmp_path.resolve() / "data", port=free_port(), environ={"PATH": f"{tmp_path}/bin"})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Processes:
    """Processes that are called as a test wants; `sh` sleeps under any name."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [name, "-c", "read word", *arguments]
        child = subprocess.Popen(command, executable="/bin/sh", stdin=subprocess.PIPE)
        self._stack.enter_context(child)  # closes what it reads and waits for it
        while not Path(f"/proc/{child.pid}/cmdline").read_bytes():  # it gets its words a moment after it began
            pass
        return child


@pytest.fixture
def process() -> Iterator[Processes]:
    with ExitStack() as stack:
        yield Processes(stack)


def noted(options: Options, pid: int | str) -> None:
    """Let the folder say that a process serves it."""
    assert options.data_dir
    options.data_dir.mkdir(exist_ok=True)
    (options.data_dir / "registry.pid").write_text(f"{pid}\n")
    (options.data_dir / "config.json").write_text(json.dumps({"http": {"addr": "127.0.0.1:4000"}}))


class TestStart:
    @pytest.mark.parametrize("listen", ["1.2.3", "::1::", "999.0.0.1"])
    def test_what_is_no_address_is_refused(self, options: Options, listen: str) -> None:
        with pytest.raises(UsageError, match=f"'{listen}' is no address"):
            start(replace(options, listen=listen))

    def test_a_port_in_use_is_refused_before_anything_is_written(self, options: Options) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with pytest.raises(UsageError) as caught:
                start(replace(options, port=port))
        assert caught.value.message == f"a registry cannot listen on 127.0.0.1:{port}: something else listens there"
        assert caught.value.hint == "choose another with --port"
        assert options.data_dir
        assert [path.name for path in options.data_dir.iterdir()] == ["lock"]

    @pytest.mark.parametrize(("listen", "port"), [("192.0.2.99", 4000), ("127.0.0.1", 70_000), ("::2", 4000)])
    def test_so_is_an_address_that_this_machine_does_not_have(self, options: Options, listen: str, port: int) -> None:
        with pytest.raises(UsageError, match="a registry cannot listen on") as caught:
            start(replace(options, listen=listen, port=port))
        assert "--listen" in caught.value.hint

    def test_a_missing_program_comes_with_its_package(self, options: Options, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(EngineError) as caught:
            start(replace(options, environ={"PATH": str(tmp_path / "empty")}))
        assert caught.value.message == "no program for a registry is installed"
        assert caught.value.hint == "install the package docker-registry"

    def test_another_program_that_is_called_registry_is_not_it(self, options: Options, tmp_path: Path) -> None:
        (tmp_path / "bin/docker-registry").replace(tmp_path / "bin/registry")
        (tmp_path / "bin/registry").write_text("#!/bin/sh\necho 1.0\n")
        with pytest.raises(EngineError, match="no program for a registry"):
            start(options)

    def test_one_that_ends_at_once_is_told_with_the_end_of_its_log(self, options: Options) -> None:
        assert options.data_dir
        options.data_dir.mkdir()
        (options.data_dir / "registry.log").write_text("0\n1\n2\n3\n4\nno space left\n")
        with pytest.raises(EngineError) as caught:
            start(options)
        assert caught.value.message.startswith("the registry did not begin\n    ")
        assert "\n    no space left\n    distribution" in caught.value.message
        assert "\n    0" not in caught.value.message
        assert caught.value.hint == f"its log is {options.data_dir}/registry.log"
        assert not (options.data_dir / "registry.pid").exists()

    def test_a_folder_that_cannot_be_made_is_named(self, options: Options, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match=r"file/data cannot hold a registry: Not a directory"):
            start(replace(options, data_dir=tmp_path / "file/data"))

    def test_where_it_runs_already_that_is_said(self, options: Options, process: Processes) -> None:
        child = process("docker-registry", "serve", f"{options.data_dir}/config.json")
        noted(options, child.pid)
        said = f"a registry runs already on 127.0.0.1:4000; its images are in {options.data_dir}"
        assert start(options) == said
        assert child.poll() is None


class TestStop:
    def test_the_process_that_serves_the_folder_is_ended(self, options: Options, process: Processes) -> None:
        child = process("/usr/bin/docker-registry", "serve", f"{options.data_dir}/config.json")
        noted(options, child.pid)
        said = f"the registry on 127.0.0.1:4000 has ended; its images stay in {options.data_dir}"
        assert stop(options) == said
        assert child.wait() == -15
        assert stop(options) == f"no registry runs with images in {options.data_dir}"

    def test_so_it_is_where_somebody_has_changed_its_configuration(self, options: Options, process: Processes) -> None:
        child = process("docker-registry", "serve", f"{options.data_dir}/config.json")
        noted(options, child.pid)
        assert options.data_dir
        (options.data_dir / "config.json").write_text("# mine")
        assert stop(options).startswith("the registry on an address of its own has ended")
        assert child.wait() == -15

    @pytest.mark.parametrize(
        ("name", "config"),
        [
            ("docker-registry", "/etc/docker/registry/config.yml"),
            ("docker-registry", "{data}/config.json.old"),
            ("editor", "{data}/config.json"),
            ("docker-registry", ""),
        ],
    )
    def test_another_process_with_its_number_is_left_alone(
        self, options: Options, process: Processes, name: str, config: str
    ) -> None:
        child = process(name, "serve", config.format(data=options.data_dir))
        noted(options, child.pid)
        assert stop(options) == f"no registry runs with images in {options.data_dir}"
        assert child.poll() is None

    @pytest.mark.parametrize("text", ["", "one", "-1", "0", str(2**22 + 1), "this"])
    def test_a_number_of_no_registry_ends_nothing(self, options: Options, text: str) -> None:
        noted(options, str(os.getpid()) if text == "this" else text)
        assert stop(options) == f"no registry runs with images in {options.data_dir}"

    def test_where_there_is_no_folder_none_is_made(self, options: Options) -> None:
        assert stop(options) == f"no registry runs with images in {options.data_dir}"
        assert options.data_dir
        assert not options.data_dir.exists()

    def test_the_folder_is_in_the_cache_where_none_is_named(self, tmp_path: Path) -> None:
        said = stop(Options(cache_dir=tmp_path))
        assert said == f"no registry runs with images in {tmp_path.resolve()}/registry"
