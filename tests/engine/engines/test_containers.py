"""Services in containers, whichever engine runs them, and nothing of them left."""

from dataclasses import replace
from pathlib import Path

import pytest

from kollage.engines.containers import Containers, Service
from kollage.errors import EngineError
from kollage.process import CommandError
from tests.engine.engines.conftest import BASE, Bench, until

pytestmark = pytest.mark.engine

LIMITS = ("nofile=10000:10000", "nproc=10000:10000")
NET_ADMIN, NET_RAW = 12, 13  # as the kernel numbers capabilities
WAIT = 'CMD ["sh", "-c", "trap \'exit 7\' TERM; echo began; cat /var/lib/kolla/config_files/word; sleep 60 & wait"]'


def _effective(status: str) -> set[int]:
    """The numbers of the capabilities that a process has, from its /proc/PID/status."""
    bits = int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), 16)
    return {number for number in range(64) if bits >> number & 1}


def _network(containers: Containers, container: str) -> str:
    return containers.call(container, ["readlink", "/proc/self/ns/net"])


class TestContainers:
    engines = ("podman", "docker-classic")

    @pytest.fixture
    def containers(self, bench: Bench, tmp_path: Path) -> Containers:
        return replace(bench.engine.containers(), limits=LIMITS, run_folder=str(tmp_path))

    @pytest.fixture
    def service(self, bench: Bench, tmp_path: Path) -> Service:
        (tmp_path / "word").write_text("configured\n")
        image = bench.build(f"FROM {BASE}\n{WAIT}\n")
        return Service(
            reference=image, configuration=tmp_path, environment={"WORD": "here"}, volumes={}, network="none"
        )

    def test_a_service_runs_with_its_configuration_until_it_is_asked_to_end(
        self, containers: Containers, service: Service
    ) -> None:
        container = containers.start(service)
        try:
            until(lambda: "configured" in containers.logs(container), "what it prints")
            assert containers.is_running(container)
            assert containers.call(container, ["sh", "-c", "echo $WORD"]).strip() == "here"
            assert any(" (sh) " in line for line in containers.processes(container))
            with pytest.raises(CommandError):
                containers.call(container, ["false"])
            assert containers.stop(container, 10) == 7
            assert not containers.is_running(container)
        finally:
            containers.remove([container], [])

    def test_one_joins_the_network_of_another_and_keeps_what_is_in_a_volume(
        self, containers: Containers, service: Service
    ) -> None:
        volume, first = containers.volume(), containers.start(service)
        try:
            beside = replace(service, network=f"container:{first}", volumes={volume: "/kept"})
            second = containers.start(beside)
            assert len({_network(containers, each) for each in (first, second)}) == 1
            containers.call(second, ["touch", "/kept/file"])
            containers.remove([second], [])
            third = containers.start(beside)
            assert containers.call(third, ["ls", "/kept"]).strip() == "file"
        finally:
            containers.sweep(containers.run_folder)

    def test_a_network_lasts_longer_than_the_services_in_it(self, containers: Containers, service: Service) -> None:
        held = containers.hold(service.reference)
        try:
            within = replace(service, network=f"container:{held}")
            first = containers.start(within)
            network = _network(containers, first)
            containers.remove([first], [])
            assert _network(containers, containers.start(within)) == network == _network(containers, held)
        finally:
            containers.sweep(containers.run_folder)

    def test_one_has_the_memory_and_the_processes_of_another_and_the_right_to_change_its_own_network(
        self, containers: Containers, service: Service
    ) -> None:
        first = containers.start(service)
        try:
            beside = replace(service, ipc=f"container:{first}", pid=f"container:{first}", network_admin=True)
            second = containers.start(beside)
            for space in ("ipc", "pid"):
                link = ["readlink", f"/proc/self/ns/{space}"]
                assert containers.call(first, link) == containers.call(second, link)
            containers.call(first, ["touch", "/dev/shm/word"])
            assert containers.call(second, ["ls", "/dev/shm"]).strip() == "word"
            devices = containers.call(second, ["sh", "-c", "ls /dev/net 2>/dev/null || true"]).split()
            assert ("tun" in devices) == Path("/dev/net/tun").exists()
            rights = [_effective(containers.call(each, ["cat", "/proc/self/status"])) for each in (first, second)]
            assert rights[1] - rights[0] >= {NET_ADMIN}
            assert rights[1] - rights[0] <= {NET_ADMIN, NET_RAW}
        finally:
            containers.sweep(containers.run_folder)

    def test_one_that_begins_with_systemd_has_control_groups_of_its_own(
        self, containers: Containers, service: Service, bench: Bench, tmp_path: Path
    ) -> None:
        if bench.id.startswith("docker") and bench.ask("info", "--format={{.CgroupVersion}}").strip() == "1":
            with pytest.raises(EngineError, match="the engine's are of version 1"):  # a daemon sees what its host has
                bench.engine.containers(systemd=True)
            return
        able = replace(bench.engine.containers(systemd=True), limits=LIMITS, run_folder=str(tmp_path))
        container = able.start(service)
        try:
            assert able.ask(service.reference, ["cat", "/proc/self/cgroup"]).splitlines()[-1] == "0::/"
            able.call(container, ["mkdir", "/sys/fs/cgroup/mine"])
            assert "mine" in able.call(container, ["ls", "/sys/fs/cgroup"]).split()
            assert not list(Path("/sys/fs/cgroup").glob("*/mine"))
            able.stop(container, 0)
            assert not able.is_running(container)
        finally:
            containers.sweep(containers.run_folder)  # as for every other
        assert container not in bench.ask("ps", "--all", "--quiet", "--no-trunc")

    def test_what_a_command_prints_is_given(self, containers: Containers, service: Service) -> None:
        assert set(containers.ask(service.reference, ["sh", "-c", "echo out; echo err >&2"]).split()) == {"out", "err"}

    def test_what_a_run_left_is_swept_and_nothing_else(
        self, containers: Containers, service: Service, bench: Bench
    ) -> None:
        before = set(bench.ask("ps", "--all", "--quiet", "--no-trunc").split())  # that other tests kept
        other = replace(containers, run_folder=f"{containers.run_folder}-other")
        kept, volume = other.start(service), containers.volume()
        containers.start(service)
        containers.sweep(containers.run_folder)
        try:
            assert set(bench.ask("ps", "--all", "--quiet", "--no-trunc").split()) - before == {kept}
            assert volume not in bench.ask("volume", "ls", "--quiet").split()
        finally:
            other.sweep(other.run_folder)
        assert set(bench.ask("ps", "--all", "--quiet", "--no-trunc").split()) == before
