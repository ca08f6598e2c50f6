"""Something is lost in the middle of a build: every image is there in the end, each once, and no result lies."""

import signal
import time

from tests.engine.distributed.hosts import Child, Hosts, until
from tests.engine.distributed.test_many_hosts import IMAGES, WORKERS, tree


def begun(hosts: Hosts) -> tuple[Child, dict[str, Child], Child, str]:
    """A build with its workers, at the moment when one of them builds `left`."""
    tree(hosts, seconds=8)
    scheduler = hosts.start_scheduler()
    workers = hosts.start_workers(*WORKERS)
    build = hosts.build("--format", "json")
    return scheduler, workers, build, hosts.builder_of("left")


def require_all(hosts: Hosts, build: Child) -> None:
    results = hosts.results(build)
    assert {step for step, result in results.items() if result["status"] in {"built", "pushed", "reused"}} == {
        f"{action}:{image}" for action in ("build", "push") for image in IMAGES
    }
    hosts.require_whole(*IMAGES)


def test_a_worker_killed_in_the_middle(hosts: Hosts) -> None:
    _, workers, build, builder = begun(hosts)
    workers[builder].killed()
    until(lambda: hosts.log_of("left").count("on w") > 1, "another one takes it up")
    require_all(hosts, build)


def test_a_worker_cut_off_from_the_network_and_back(hosts: Hosts) -> None:
    _, workers, build, builder = begun(hosts)
    hosts.unplug(builder)
    until(lambda: hosts.log_of("left").count("on w") > 1, "another one takes it up")
    hosts.plug(builder)
    require_all(hosts, build)
    until(lambda: workers[builder].said.count("takes steps") > 1, "it is back")


def test_the_scheduler_restarted(hosts: Hosts) -> None:
    scheduler, _, build, _ = begun(hosts)
    scheduler.killed()
    time.sleep(2)
    hosts.start_scheduler()
    require_all(hosts, build)
    assert "the scheduler is back" in build.said


def test_a_registry_that_pauses(hosts: Hosts) -> None:
    _, _, build, _ = begun(hosts)
    registry = next(child for child in hosts.children if child.log.name == "registry.log")
    registry.signal(signal.SIGSTOP)
    time.sleep(20)
    registry.signal(signal.SIGCONT)
    require_all(hosts, build)


def test_a_registry_that_is_away_for_a_while(hosts: Hosts) -> None:
    _, _, build, _ = begun(hosts)
    registry = next(child for child in hosts.children if child.log.name == "registry.log")
    registry.killed()
    time.sleep(5)
    hosts.start_registry()
    require_all(hosts, build)
