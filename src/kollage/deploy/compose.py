"""A cloud as a Compose file, of the published specification, and nothing else in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from kollage.deploy.cloud import CONFIGURATION, Cloud, File, Part, started_by
from kollage.deploy.facts import Unit

FILE = "compose.yaml"
PROJECT = "kollage"
LABEL = "kollage.digest"  # on every container: what it was made from
CLOUD = "kollage.cloud"  # on each: the folder of its cloud
JOB = "kollage.job"  # on those of jobs: true
INTERFACES = "kollage.interfaces"  # on those that make some on the host: their names
LOGS = "kolla_logs"


def container(name: str) -> str:
    """What the container of a unit is called."""
    return f"{PROJECT}-{name}"


def environment(unit: Unit) -> dict[str, str]:
    """What a unit finds in its environment, but for secrets."""
    return {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS", "KOLLA_SERVICE_NAME": unit.name, **unit.environment}


def mounts(unit: Unit) -> dict[str, str]:
    """The volumes of a unit, those that all have among them: volume -> folder in the container."""
    return {LOGS: "/var/log/kolla", **unit.volumes}


def file(cloud: Cloud, place: Path) -> File:
    """The file that `docker compose` and `podman-compose` read, for the folder of a cloud."""
    names = sorted({name for part in cloud.parts.values() for name in mounts(part.unit)})
    document = {
        "name": PROJECT,
        "services": {name: _service(part, cloud, place) for name, part in cloud.parts.items()},
        "volumes": {name: {} for name in names},
        "x-podman": {"in_pod": False},  # which else makes a pod that nobody removes
    }
    text = "# The cloud as the Compose specification has it; `kollage up` writes it anew.\n"
    return File(path=FILE, text=text + yaml.safe_dump(document, sort_keys=False, width=120), mode=0o600)


def _told(unit: Unit) -> dict[str, str]:
    """What the labels of a container say of its unit, for when its facts are not at hand."""
    job = {JOB: "true"} if unit.once else {}
    return job | ({INTERFACES: " ".join(unit.interfaces)} if unit.interfaces else {})


def _service(part: Part, cloud: Cloud, place: Path) -> dict[str, object]:
    unit = part.unit
    service: dict[str, object] = {
        "image": part.reference,
        "pull_policy": "never",
        "container_name": container(unit.name),
        "network_mode": "host",
        "restart": "no" if unit.once else "unless-stopped",
        "environment": environment(unit),
        "volumes": list(_volumes(unit)),
        "labels": {LABEL: part.digest, CLOUD: str(place), **_told(unit)},
        "stop_grace_period": f"{unit.stop_seconds}s",
        "logging": {"options": {"max-size": "10mb"}},
        **_allowed(unit),
    }
    if start := started_by(unit):
        service["command"] = list(start)
    if cloud.limits:
        service["ulimits"] = dict(map(_limit, cloud.limits))
    if unit.healthy:
        service["healthcheck"] = {
            "test": ["CMD-SHELL", unit.healthy],
            "interval": "30s",
            "timeout": "30s",
            "retries": 3,
            "start_period": f"{unit.seconds}s",
        }
    if unit.needs:
        service["depends_on"] = {name: {"condition": _condition(cloud.parts[name].unit)} for name in unit.needs}
    return service


def _allowed(unit: Unit) -> Mapping[str, object]:
    """What a container may do that others may not."""
    said: dict[str, object] = {
        "privileged": unit.privileged,
        "cap_add": list(unit.capabilities),
        "devices": [f"{device}:{device}" for device in unit.devices],
        "pid": "host" if unit.host_processes else "",
        "tmpfs": list(unit.tmpfs),
    }
    return {name: value for name, value in said.items() if value}


def _volumes(unit: Unit) -> Iterator[str]:
    yield f"./config/{unit.name}:{CONFIGURATION}:ro"
    yield from (f"{name}:{folder}" for name, folder in mounts(unit).items())
    yield from unit.binds


def _limit(text: str) -> tuple[str, object]:
    name, _, both = text.partition("=")
    soft, _, hard = both.partition(":")
    return name, {"soft": int(soft), "hard": int(hard or soft)}


def _condition(unit: Unit) -> str:
    if unit.once:
        return "service_completed_successfully"
    return "service_healthy" if unit.healthy else "service_started"
