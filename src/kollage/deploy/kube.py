"""A cloud as Pods, for `podman kube play` and what else understands them.

Nothing there knows an order, so each Pod waits by itself: its first container looks for what the unit needs, ports that
are listened on and marks of jobs that have ended well.
"""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from kollage.deploy import compose
from kollage.deploy.cloud import CONFIGURATION, HOST, Cloud, File, Part, started_by
from kollage.deploy.facts import Unit

FOLDER = "kube"
_MARKS = "/run/kollage"  # in every container: an empty file for each job that has ended well
_MARKS_VOLUME = "marks"
_BINDS: Mapping[str, Mapping[str, object]] = {  # what Compose says of a folder of the host, in the words of Pods
    "ro": {"readOnly": True},
    "shared": {"mountPropagation": "Bidirectional"},
    "rshared": {"mountPropagation": "Bidirectional"},
}


def files(cloud: Cloud, place: Path) -> tuple[File, ...]:
    """One file with everything, each Pod after those that it needs. `place` is the folder of the cloud."""
    documents = [_pod(part, cloud, place) for part in cloud.parts.values()]
    text = yaml.safe_dump_all(documents, sort_keys=False, width=120)
    return (File(path=f"{FOLDER}/cloud.yaml", text=f"# The cloud as Pods: podman kube play cloud.yaml\n{text}"),)


def _pod(part: Part, cloud: Cloud, place: Path) -> Mapping[str, object]:
    unit = part.unit
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": compose.container(unit.name), "labels": {"app": compose.PROJECT, "unit": unit.name}},
        "spec": {
            "hostNetwork": True,
            "hostname": cloud.hostname,  # which podman else makes the Pod's name, and services find each other by it
            **({"hostPID": True} if unit.host_processes else {}),
            "restartPolicy": "OnFailure",  # podman holds what waited to it, too: "Always" would have that wait for ever
            "initContainers": [_first(part, cloud)],
            "containers": [_container(part)],
            "volumes": list(_volumes(unit, place)),
        },
    }


def _first(part: Part, cloud: Cloud) -> dict[str, object]:
    """What waits for all that a unit needs, and gives folders in memory the mode that Compose gives them.

    Without that they belong to the user of the container, whom root without all its rights has to ask.
    """
    needed = [cloud.parts[name].unit for name in part.unit.needs]
    tests = [f"test -e {_MARKS}/{unit.name}" for unit in needed if unit.once]
    tests += [f"(: < /dev/tcp/{HOST}/{unit.port}) 2> /dev/null" for unit in needed if not unit.once and unit.port]
    waiting = "".join(f"until {test}; do sleep 1; done\n" for test in tests)
    return {
        "name": "wait",
        "image": part.reference,
        "command": ["bash", "-c", f"chmod 1777 {shlex.join((_MARKS, *part.unit.tmpfs))}\n{waiting}"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": _MARKS_VOLUME, "mountPath": _MARKS}, *_in_memory(part.unit)],
    }


def _container(part: Part) -> dict[str, object]:
    unit = part.unit
    environment = [{"name": name, "value": value} for name, value in compose.environment(unit).items()]
    container: dict[str, object] = {
        "name": "unit",
        "image": part.reference,
        "imagePullPolicy": "Never",
        "env": environment,
        "securityContext": _rights(unit),
        "volumeMounts": list(_mounts(unit)),
    }
    start = started_by(unit)
    if unit.once:
        script = f"{shlex.join(start or ('kolla_start',))} && touch {_MARKS}/{unit.name}"
        container["command"] = ["dumb-init", "--single-child", "--", "bash", "-c", script]
    elif start:
        container["args"] = list(start)
    if unit.healthy:
        container["livenessProbe"] = {
            "exec": {"command": ["sh", "-c", unit.healthy]},
            "initialDelaySeconds": unit.seconds,
            "periodSeconds": 30,
            "timeoutSeconds": 30,
            "failureThreshold": 5,
        }
    return container


def _rights(unit: Unit) -> dict[str, object]:
    rights: dict[str, object] = {"privileged": True} if unit.privileged else {}
    return rights | ({"capabilities": {"add": list(unit.capabilities)}} if unit.capabilities else {})


def _mounts(unit: Unit) -> Iterator[Mapping[str, object]]:
    yield {"name": "configuration", "mountPath": CONFIGURATION, "readOnly": True}
    yield {"name": _MARKS_VOLUME, "mountPath": _MARKS}
    yield from ({"name": _dashed(name), "mountPath": folder} for name, folder in compose.mounts(unit).items())
    for number, (_, folder, options) in enumerate(map(_split, unit.binds)):
        yield {"name": f"host-{number}", "mountPath": folder, **_BINDS.get(options, {})}
    yield from _in_memory(unit)


def _in_memory(unit: Unit) -> Iterator[Mapping[str, object]]:
    yield from ({"name": _memory(unit, number), "mountPath": folder} for number, folder in enumerate(unit.tmpfs))


def _volumes(unit: Unit, place: Path) -> Iterator[Mapping[str, object]]:
    folder = str(place / "config" / unit.name)
    yield {"name": "configuration", "hostPath": {"path": folder, "type": "Directory"}}
    for name in (_MARKS_VOLUME, *compose.mounts(unit)):
        yield {"name": _dashed(name), "persistentVolumeClaim": {"claimName": f"{compose.PROJECT}_{name}"}}
    for number, (path, _, _options) in enumerate(map(_split, unit.binds)):
        yield {"name": f"host-{number}", "hostPath": {"path": path}}
    yield from ({"name": _memory(unit, number), "emptyDir": {"medium": "Memory"}} for number in range(len(unit.tmpfs)))


def _memory(unit: Unit, number: int) -> str:
    """The name of a folder in memory: of one among all Pods, for podman makes it a volume of that name."""
    return f"memory-{unit.name}-{number}"


def _split(bind: str) -> tuple[str, str, str]:
    path, _, rest = bind.partition(":")
    folder, _, options = rest.partition(":")
    return path, folder, options


def _dashed(name: str) -> str:
    return name.replace("_", "-")
