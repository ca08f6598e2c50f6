"""A cloud as Pods: the same containers, which wait by themselves for what they need."""

from pathlib import Path
from typing import Any

import yaml
from tests.unit.deploy.clouds import catalogue, decided

from kollage.deploy import kube


def pods(tmp_path: Path) -> dict[str, Any]:
    (file,) = kube.files(decided(catalogue(tmp_path)), Path("/c"))
    assert file.mode == 0o600
    documents = list(yaml.safe_load_all(file.text))
    return {f"{each['kind']} {each['metadata']['name']}": each for each in documents}


def test_every_unit_is_a_pod_on_the_network_of_the_host_after_those_that_it_needs(tmp_path: Path) -> None:
    found = pods(tmp_path)
    assert list(found) == [
        "Pod kollage-haproxy",
        "Pod kollage-mariadb",
        "Pod kollage-databases",
        "Pod kollage-keystone",
        "Pod kollage-nova-api",
    ]
    assert all(each["spec"]["hostNetwork"] for each in found.values() if each["kind"] == "Pod")


def test_a_pod_waits_for_ports_and_for_the_marks_of_jobs(tmp_path: Path) -> None:
    spec = pods(tmp_path)["Pod kollage-nova-api"]["spec"]
    assert spec["initContainers"][0]["command"][-1] == (
        "chmod 1777 /run/kollage\n"
        "until test -e /run/kollage/databases; do sleep 1; done\n"
        "until (: < /dev/tcp/127.0.0.1/15000) 2> /dev/null; do sleep 1; done\n"
    )


def test_podman_keeps_what_waits_for_the_next_start(tmp_path: Path) -> None:
    annotations = [pod["metadata"]["annotations"] for pod in pods(tmp_path).values()]
    assert {each["io.podman.annotations.init.container.type"] for each in annotations} == {"always"}


def test_a_job_leaves_its_mark_once_it_has_ended_well(tmp_path: Path) -> None:
    spec = pods(tmp_path)["Pod kollage-databases"]["spec"]
    assert spec["restartPolicy"] == "OnFailure"
    assert spec["containers"][0]["command"][-1].endswith("&& touch /run/kollage/databases")


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    assert "<root>" not in yaml.safe_dump_all(pods(tmp_path).values())


def test_configuration_and_data_are_where_the_compose_file_has_them(tmp_path: Path) -> None:
    volumes = {each["name"]: each for each in pods(tmp_path)["Pod kollage-mariadb"]["spec"]["volumes"]}
    assert volumes["configuration"]["hostPath"]["path"] == "/c/config/mariadb"
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == "kollage_data"
