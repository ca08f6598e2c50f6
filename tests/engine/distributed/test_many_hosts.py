"""Three build hosts and one registry: what is built where, and what loss does not lose."""

import subprocess
import sys

from tests.engine.distributed.hosts import TAG, Hosts, until

HOSTILE = """
import os
from distributed import Client, Security
security = Security(
    require_encryption=True,
    tls_ca_file="{certs}/ca.crt",
    tls_client_cert="{certs}/worker.crt",
    tls_client_key="{certs}/worker.key",
)
with Client("{address}", security=security, timeout=30) as client:
    for attempt in (
        lambda: client.submit(os.mkdir, "{target}").result(timeout=20),
        lambda: client.run(os.mkdir, "{target}"),
        lambda: client.run_on_scheduler(os.mkdir, "{target}"),
    ):
        try:
            print("answered", attempt())
        except Exception as error:
            print("refused", type(error).__name__)
"""
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
    hosts.start_workers("w1", "w2")
    hosts.start_by_dask("w3")
    build = hosts.build("--format", "json")
    results = hosts.results(build)
    assert {step: result["status"] for step, result in results.items()} == {
        **{f"build:{image}": "built" for image in IMAGES},
        **{f"push:{image}": "pushed" for image in IMAGES},
    }
    hosts.require_whole(*IMAGES)


def test_what_is_there_is_not_built_again_unless_it_is_forced_and_then_that_alone(hosts: Hosts) -> None:
    hosts.image("base", "")
    hosts.image("app", "base", "echo app > /app")
    hosts.start_scheduler()
    hosts.start_workers("w1")

    def statuses(*words: str, name: str) -> dict[str, str]:
        results = hosts.results(hosts.build("--format", "json", *words, name=name))
        return {step: result["status"] for step, result in results.items() if step.startswith("build:")}

    assert statuses(name="first") == {"build:base": "built", "build:app": "built"}
    assert statuses(name="second") == {"build:base": "reused", "build:app": "reused"}
    assert statuses("--force", "app", name="third") == {"build:base": "reused", "build:app": "built"}


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


def test_several_bases_and_platforms_are_one_plan_and_an_index_for_each_image(hosts: Hosts) -> None:
    hosts.image("base", "")
    hosts.image("app", "base", "echo app > /app")
    hosts.start_scheduler()
    native = hosts.start_worker("w1")
    other = hosts.start_worker("w2", "--platform=linux/arm64")
    until(lambda: "takes steps" in native.said and "takes steps" in other.said, "both take steps")
    words = ("--base", "debian", "--base", "ubuntu", "--platform", "linux/amd64", "--platform", "linux/arm64")
    results = hosts.results(hosts.build(*words, "--format", "json"))
    assert {step for step, result in results.items() if result["status"] == "built"} == {
        f"build:{image}@{base}-{arch}"
        for image in ("base", "app")
        for base in ("debian", "ubuntu")
        for arch in ("amd64", "arm64")
    }
    for tag in (TAG, "2026.2-ubuntu-24.04"):
        index = hosts.inspected("app", tag)
        assert [each["platform"]["architecture"] for each in index["manifests"]] == ["amd64", "arm64"]


def test_a_worker_whose_disk_is_full_gets_nothing_and_the_others_build(hosts: Hosts) -> None:
    tree(hosts)
    hosts.start_scheduler()
    small = hosts.root / "w1/store"
    small.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", small], check=True)
    try:
        hosts.start_workers("w1", "w2")
        build = hosts.build()
        assert build.ended() == 0, build.said
        assert {hosts.builder_of(image) for image in IMAGES} == {"w2"}
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)


def test_who_has_a_certificate_of_the_group_has_no_code_of_its_own_run(hosts: Hosts) -> None:
    tree(hosts)
    hosts.start_scheduler()
    hosts.start_workers("w1")
    target = hosts.root / "was-here"
    script = hosts.root / "hostile.py"
    script.write_text(HOSTILE.format(address=hosts.scheduler, certs=hosts.certs, target=target))
    peer = hosts.begin("peer", sys.executable, script)
    assert peer.ended() == 0, peer.said
    assert "refused" in peer.said
    assert not target.exists()
    build = hosts.build("base")
    assert build.ended() == 0, build.said
