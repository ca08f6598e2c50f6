"""The Compose file says all of a cloud in the published specification's words."""

import json
from dataclasses import replace
from pathlib import Path

import yaml
from tests.unit.deploy.clouds import catalogue, decided, text

from kollage.deploy import compose

READ = "set -o allexport; source /etc/kolla/environment; set +o allexport"


def test_a_service_is_written_whole(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    document = yaml.safe_load(compose.file(cloud, Path("/c")).text)
    assert document["services"]["mariadb"] == {
        "image": "kolla/mariadb-server:1",
        "pull_policy": "never",
        "container_name": "kollage-mariadb",
        "network_mode": "host",
        "restart": "unless-stopped",
        "environment": {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS", "KOLLA_SERVICE_NAME": "mariadb"},
        "volumes": ["./config/mariadb:/var/lib/kolla/config_files:ro", "kolla_logs:/var/log/kolla", "data:/data"],
        "labels": {"kollage.digest": cloud.parts["mariadb"].digest, "kollage.cloud": "/c"},
        "stop_grace_period": "20s",
        "logging": {"options": {"max-size": "10mb"}},
        "ulimits": {"nofile": {"soft": 10, "hard": 20}},
        "healthcheck": {
            "test": ["CMD-SHELL", "ping 127.0.0.1:3306"],
            "interval": "30s",
            "timeout": "30s",
            "retries": 3,
            "start_period": "180s",
        },
    }
    assert document["volumes"] == {"data": {}, "kolla_logs": {}}


def test_what_it_makes_on_the_host_is_told_by_a_label(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path))
    part = cloud.parts["mariadb"]
    made = replace(part, unit=replace(part.unit, interfaces=("br-ex", "br-int")))
    document = yaml.safe_load(compose.file(replace(cloud, parts={"mariadb": made}), Path("/c")).text)
    assert document["services"]["mariadb"]["labels"]["kollage.interfaces"] == "br-ex br-int"


def test_a_job_is_not_started_again_and_others_wait_for_its_good_end(tmp_path: Path) -> None:
    services = yaml.safe_load(compose.file(decided(catalogue(tmp_path)), Path("/c")).text)["services"]
    assert services["databases"]["restart"] == "no"
    assert services["databases"]["depends_on"] == {"mariadb": {"condition": "service_healthy"}}
    assert services["nova-api"]["depends_on"] == {
        "databases": {"condition": "service_completed_successfully"},
        "keystone": {"condition": "service_started"},
    }


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    assert "<" not in compose.file(decided(catalogue(tmp_path)), Path("/c")).text


def test_secret_variables_are_read_from_a_file_in_the_container_because_engines_put_them_on_a_command_line(
    tmp_path: Path,
) -> None:
    cloud = decided(catalogue(tmp_path))
    assert yaml.safe_load(compose.file(cloud, Path("/c")).text)["services"]["databases"]["command"] == [
        "bash",
        "-c",
        f"sudo -E kolla_set_configs && {READ}; exec kolla_start",
    ]
    assert {"source": "/var/lib/kolla/config_files/root.env", "dest": "/etc/kolla/environment"}.items() <= json.loads(
        text(cloud, "config/databases/config.json")
    )["config_files"][0].items()
