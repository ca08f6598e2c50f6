"""Three build hosts and one registry: what is built where, and what loss does not lose."""

import sys

from tests.engine.distributed.hosts import Hosts

IMAGES = ("base", "left", "right", "left-api", "left-db", "right-api")
WORKERS = ("w1", "w2", "w3")


def tree(hosts: Hosts, seconds: int = 1) -> None:
    hosts.image("base", "")
    for name, parent in {
        "left": "base",
        "right": "base",
        "left-api": "left",
        "left-db": "left",
        "right-api": "right",
    }.items():
        hosts.image(name, parent, f"echo {name} > /{name}", f"/bin/busybox sleep {seconds}")


def test_a_plan_is_built_by_all_hosts_and_every_image_can_be_pulled(hosts: Hosts) -> None:
    tree(hosts)
    hosts.start_scheduler()
    hosts.start_workers(*WORKERS)
    build = hosts.build("--format", "json")
    results = hosts.results(build)
    assert {step: result["status"] for step, result in results.items()} == {
        **{f"build:{image}": "built" for image in IMAGES},
        **{f"push:{image}": "pushed" for image in IMAGES},
    }
    hosts.require_whole(*IMAGES)


def test_two_clients_that_want_the_same_images_have_each_built_once(hosts: Hosts) -> None:
    tree(hosts)
    hosts.start_scheduler()
    hosts.start_workers(*WORKERS)
    first, second = hosts.build("left"), hosts.build("left", "right", name="other")
    assert [first.ended(), second.ended()] == [0, 0], first.said + second.said
    hosts.require_whole(*IMAGES)
    assert {image: len(hosts.built_ids(image)) for image in IMAGES} == dict.fromkeys(IMAGES, 1)


def test_the_logs_of_all_hosts_are_on_the_client_and_in_what_runs_show_tells(hosts: Hosts) -> None:
    hosts.image("base", "")
    hosts.image("good", "base", "echo said by good")
    hosts.image("bad", "base", "echo said by bad; exit 3")
    hosts.start_scheduler()
    hosts.start_workers("w1", "w2")
    build = hosts.build()
    assert build.ended() == 1
    assert "said by good" in hosts.log_of("good")
    assert "said by bad" in build.said, "the last lines of a failure are told"
    shown = hosts.begin("client", sys.executable, "-m", "kollage", "runs", "show", "last")
    assert shown.ended() == 0
    assert "bad" in shown.said.rpartition("kollage build")[2]
