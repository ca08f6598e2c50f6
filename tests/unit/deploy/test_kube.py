"""A cloud as Pods: the same containers, which wait by themselves for what they need."""

from dataclasses import replace
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
    assert all(each["spec"]["hostNetwork"] for each in found.values())
    assert {each["spec"]["hostname"] for each in found.values()} == {"here"}


def test_a_pod_waits_for_ports_and_for_the_marks_of_jobs(tmp_path: Path) -> None:
    spec = pods(tmp_path)["Pod kollage-nova-api"]["spec"]
    assert spec["initContainers"][0]["command"][-1] == (
        "chmod 1777 /run/kollage\n"
        "until test -e /run/kollage/databases; do sleep 1; done\n"
        "until (: < /dev/tcp/127.0.0.1/15000) 2> /dev/null; do sleep 1; done\n"
    )


def test_nothing_that_ended_well_is_started_again(tmp_path: Path) -> None:
    assert {pod["spec"]["restartPolicy"] for pod in pods(tmp_path).values()} == {"OnFailure"}


def test_a_job_leaves_its_mark_once_it_has_ended_well(tmp_path: Path) -> None:
    spec = pods(tmp_path)["Pod kollage-databases"]["spec"]
    assert spec["restartPolicy"] == "OnFailure"
    assert spec["containers"][0]["command"][-1].endswith("&& touch /run/kollage/databases")


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    assert "<root>" not in yaml.safe_dump_all(pods(tmp_path).values())


def test_folders_in_memory_are_named_apart_because_podman_makes_volumes_of_these_names(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    parts = {name: replace(part, unit=replace(part.unit, tmpfs=("/run/a",))) for name, part in cloud.parts.items()}
    (file,) = kube.files(replace(cloud, parts=parts), Path("/c"))
    specs = [pod["spec"] for pod in yaml.safe_load_all(file.text)]
    names = [volume["name"] for spec in specs for volume in spec["volumes"] if "emptyDir" in volume]
    assert len(names) == len(set(names)) == len(parts)
    first, then = specs[1]["initContainers"][0], specs[1]["containers"][0]
    for container in (first, then):
        assert {"name": "memory-mariadb-0", "mountPath": "/run/a"} in container["volumeMounts"]
    # as Compose makes them: root without all its rights may write there, too
    assert first["command"][-1].startswith("chmod 1777 /run/kollage /run/a\n")


def test_configuration_and_data_are_where_the_compose_file_has_them(tmp_path: Path) -> None:
    volumes = {each["name"]: each for each in pods(tmp_path)["Pod kollage-mariadb"]["spec"]["volumes"]}
    assert volumes["configuration"]["hostPath"]["path"] == "/c/config/mariadb"
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == "kollage_data"


def test_a_folder_of_the_host_is_bound_as_the_compose_file_has_it(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    part = cloud.parts["mariadb"]
    bound = replace(part, unit=replace(part.unit, binds=("/a:/b:ro", "/run/netns:/run/netns:shared", "/c:/d")))
    (file,) = kube.files(replace(cloud, parts={"mariadb": bound}), Path("/c"))
    (pod,) = yaml.safe_load_all(file.text)
    mounts = [each for each in pod["spec"]["containers"][0]["volumeMounts"] if each["name"].startswith("host-")]
    assert mounts == [
        {"name": "host-0", "mountPath": "/b", "readOnly": True},
        {"name": "host-1", "mountPath": "/run/netns", "mountPropagation": "Bidirectional"},
        {"name": "host-2", "mountPath": "/d"},
    ]
