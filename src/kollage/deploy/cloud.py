"""Options, facts, secrets and the machine become one frozen value: a cloud, with every file of its configuration.

Deciding is pure: nothing here is written, started or asked.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from pathlib import Path
from types import MappingProxyType

from kollage.catalogue import Catalogue
from kollage.deploy.choices import Choices
from kollage.deploy.custom import Custom
from kollage.deploy.facts import Deployment, Unit
from kollage.deploy.host import Host
from kollage.deploy.secret import Secrets
from kollage.errors import UsageError
from kollage.facts import nearest
from kollage.fingerprint import content, fingerprint
from kollage.templates.cloud import fillers

HOST = "127.0.0.1"  # where the services reach each other
REGION = "RegionOne"
CONFIGURATION = "/var/lib/kolla/config_files"
NETWORK = "external"
VARIABLES = "/etc/kolla/environment"  # where a unit that has one finds it
_LOGS = "/var/log/kolla"
_NEEDED = ("keystone", "mariadb")  # without these nothing is a cloud
_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the cloud's folder."""

    path: str  # below the folder
    text: str = field(repr=False)
    mode: int = 0o600

    @property
    def identity(self) -> str:
        """The hash of all that counts."""
        return content(f"{self.mode:o} {self.text}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A unit of a cloud, with all its texts filled, the image that it runs and its configuration."""

    unit: Unit
    reference: str  # the name or the id of its image
    image: str  # the id
    files: tuple[File, ...]

    @property
    def digest(self) -> str:
        """The identity of the container: another one means that the container has to be made anew."""
        return fingerprint(
            {
                "image": self.image,
                "files": {file.path: file.identity for file in self.files},
                "unit": repr(replace(self.unit, needs=(), seconds=0, memory=0, files=())),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """All that is launched, and how it is reached."""

    parts: Mapping[str, Part]  # by the name of the unit, each after what it needs
    choices: Choices
    hostname: str  # of the machine that it is for
    limits: tuple[str, ...]
    hypervisor: str
    datapath: str
    files: tuple[File, ...] = ()  # for who uses the cloud

    @property
    def address(self) -> str:
        """Where it is asked for a token."""
        return f"{'https' if self.choices.tls else 'http'}://{self.choices.address}"

    @property
    def memory(self) -> int:
        """Bytes that it holds at rest."""
        return sum(part.unit.memory for part in self.parts.values()) * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the catalogue's deployments is in a cloud."""

    deployments: tuple[Deployment, ...]
    units: Mapping[str, Unit]
    secrets: tuple[str, ...]


def wanted(found: tuple[Deployment, ...], choices: Choices) -> Wanted:
    """Take what is always there and what was asked for. Raises `UsageError` for a word that turns nothing on."""
    external(choices)
    known = {unit.option for each in found for unit in each.units if unit.option}
    for word in choices.extra:
        if word not in known:
            raise UsageError(
                f"--with: no service of the catalogue is called '{word}'",
                hint=nearest(word, known) or f"one of {', '.join(sorted(known))}",
            )
    on = {"", *choices.extra}
    units = {unit.name: _moved(unit, choices) for each in found for unit in each.units if unit.option in on}
    if missing := [name for name in _NEEDED if name not in units]:
        raise UsageError(
            f"the catalogue describes no cloud: no deploy.toml in it has {' and '.join(missing)}",
            hint="lay your own folder over Kollage's with --docker-dir",
        )
    for name in choices.ports:
        if name.removesuffix("-backend") not in units:
            raise UsageError(f"--ports: there is no service '{name}'", hint=nearest(name, units))
    taken = tuple(each for each in found if each.option in on)
    # needs of what is not there are no needs: a service may have to wait for another one, where that is in the cloud
    ordered = {
        name: replace(units[name], needs=tuple(n for n in units[name].needs if n in units)) for name in _order(units)
    }
    return Wanted(deployments=taken, units=MappingProxyType(ordered), secrets=tuple(_secrets(taken)))


def _moved(unit: Unit, choices: Choices) -> Unit:
    """A unit with the ports that were chosen for it."""
    outer, own = choices.ports.get(unit.name), choices.ports.get(f"{unit.name}-backend")
    for text in (outer, own):
        if text is not None and not (text.isdecimal() and 0 < int(text) < 65536):
            raise UsageError(f"--ports: '{text}' is no port", hint="write such as horizon:8088")
    if unit.front:
        return replace(unit, front=int(outer or unit.front), port=int(own or unit.port))
    return replace(unit, port=int(outer or unit.port))


def _order(units: Mapping[str, Unit]) -> list[str]:
    """The names of units, each after what it needs, else by the names. Raises `UsageError` for a circle."""
    done: list[str] = []
    waiting = sorted(units)
    while waiting:
        ready = [name for name in waiting if all(need in done or need not in units for need in units[name].needs)]
        if not ready:
            raise UsageError(f"these units need each other: {', '.join(waiting)}")
        done += ready
        waiting = [name for name in waiting if name not in ready]
    return done


def _secrets(taken: tuple[Deployment, ...]) -> Iterator[str]:
    yield "keystone_admin"
    for each in taken:
        yield from ([f"database_{each.project}"] if each.databases else [])
        yield from (f"account_{name}" for name in each.accounts)
        yield from each.secrets


def decide(
    catalogue: Catalogue,
    want: Wanted,
    choices: Choices,
    *,
    host: Host,
    secrets: Secrets,
    images: Mapping[str, tuple[str, str]],
    custom: Custom,
    certificate: Mapping[str, str],
) -> Cloud:
    """The cloud. `images` has for each image what it is called and its id; `certificate` the texts of TLS, if any.

    Raises `RenderError`, and `UsageError` for a file of the operator that does not parse.
    """
    files, texts = fillers(catalogue)
    hypervisor = choices.hypervisor if choices.hypervisor != "auto" else ("kvm" if host.kvm else "qemu")
    datapath = choices.datapath if choices.datapath != "auto" else ("system" if host.openvswitch else "netdev")
    values: dict[str, object] = {
        **_values(want, choices, secrets, host),
        "hypervisor": hypervisor,
        "datapath": datapath,
        "certificate": certificate,
    }
    parts = {}
    for name, unit in want.units.items():
        filled = _filled(unit, {**values, "unit": unit}, texts)
        own = {**values, "unit": filled}
        rendered = tuple(_delivered(filled, own, files, custom))
        called, identity = images[unit.image]
        parts[name] = Part(unit=filled, reference=called, image=identity, files=rendered)
    cloud = Cloud(
        parts=MappingProxyType(parts),
        choices=choices,
        hostname=host.name,
        limits=host.limits,
        hypervisor=hypervisor,
        datapath=datapath,
    )
    return replace(cloud, files=tuple(_for_users(cloud, secrets, certificate, want)))


def _values(want: Wanted, choices: Choices, secrets: Secrets, host: Host) -> dict[str, object]:
    """What every template is told."""
    scheme = "https" if choices.tls else "http"
    units = want.units
    ports = {name: unit.port for name, unit in units.items()}
    more = {f"{name}.{use}": port for name, unit in units.items() for use, port in unit.ports.items()}
    network = external(choices)

    def database(name: str, project: str) -> str:
        return f"mysql+pymysql://{project}:{secrets.now[f'database_{project}']}@{HOST}:{ports['mariadb']}/{name}"

    return {
        "host": HOST,
        "hostname": host.name,
        "address": choices.address,
        "tls": choices.tls,
        "region": REGION,
        "ports": {**ports, **more},
        "units": units,
        "secrets": secrets.now,
        "before": secrets.before,
        "database": database,
        "internal": lambda name: f"http://{HOST}:{ports[name]}",
        "public": lambda name: f"{scheme}://{choices.address}:{units[name].front}",
        "transport": f"rabbit://openstack:{secrets.now.get('rabbitmq', '')}@{HOST}:{ports.get('rabbitmq')}//",
        "databases": {each.project: list(each.databases) for each in want.deployments if each.databases},
        "accounts": sorted(name for each in want.deployments for name in each.accounts),
        "endpoints": [endpoint for each in want.deployments for endpoint in each.endpoints],
        "external": {"name": NETWORK, "cidr": str(network), "gateway": str(network[1]), "length": network.prefixlen},
    }


def external(choices: Choices) -> IPv4Network:
    """The network of floating addresses. Raises `UsageError`."""
    try:
        return IPv4Network(choices.network)
    except ValueError as error:
        raise UsageError(f"--external-network: {error}", hint="write such as 172.24.4.0/24") from error


def _filled(unit: Unit, values: Mapping[str, object], texts: Callable[[str, Mapping[str, object]], str]) -> Unit:
    """The unit with every text that may hold `{{ … }}` filled."""

    def fill(text: str) -> str:
        return texts(text, values) if "{" in text else text

    def each(table: Mapping[str, str]) -> Mapping[str, str]:
        return {key: fill(value) for key, value in table.items()}

    return replace(
        unit,
        command=fill(unit.command),
        healthy=fill(unit.healthy),
        environment=each(unit.environment),
        values=each(unit.values),
        volumes={name: folder for name, folder in each(unit.volumes).items() if folder},
        devices=tuple(device for device in map(fill, unit.devices) if device),
    )


def _delivered(
    unit: Unit,
    values: Mapping[str, object],
    fill: Callable[[str, Mapping[str, object]], str],
    custom: Custom,
) -> Iterator[File]:
    for file in unit.files:
        text = custom.merged(unit, file.name, fill(file.template, values))
        plain = not file.to and file.name != unit.secret_environment
        yield File(path=f"config/{unit.name}/{file.name}", text=text, mode=0o644 if plain else 0o600)
    further = custom.further(unit)
    yield from (File(path=f"config/{unit.name}/{name}", text=text) for name, (_, text) in further.items())
    settings = _settings(unit, {name: to for name, (to, _) in further.items()})
    yield File(path=f"config/{unit.name}/config.json", text=json.dumps(settings, indent=2) + "\n", mode=0o644)


def started_by(unit: Unit) -> tuple[str, ...]:
    """What a container runs; () is what its image says.

    Secret variables are read from a file in the container: given by the engine, they would be on its command line.
    """
    if not unit.secret_environment:
        return unit.start
    start = shlex.join(unit.start or ("kolla_start",))
    read = f"set -o allexport; source {VARIABLES}; set +o allexport"
    return "bash", "-c", f"sudo -E kolla_set_configs && {read}; exec {start}"


def _settings(unit: Unit, further: Mapping[str, str]) -> dict[str, object]:
    """What `kolla_set_configs` reads."""
    copied = [(file.name, file.to, file.owner) for file in unit.files if file.to]
    copied += [(unit.secret_environment, VARIABLES, unit.owner)] if unit.secret_environment else []
    copied += [(name, to, unit.owner) for name, to in further.items()]
    logs = f"{_LOGS}/{unit.values.get('logs', unit.project)}"
    folders = [
        {"path": _LOGS, "owner": "fluentd:kolla", "perm": "2775"},
        {"path": logs, "owner": f"{unit.owner}:kolla", "perm": "2775"},
        *({"path": path, "owner": owner, "perm": "0755"} for path, owner in unit.folders.items()),
    ]
    return {
        "command": unit.command,
        "config_files": [
            {"source": f"{CONFIGURATION}/{name}", "dest": to, "owner": owner, "perm": "0600"}
            for name, to, owner in copied
        ],
        "directories": folders,
        "permissions": [{"path": path, "owner": owner, "recurse": True} for path, owner in unit.owned.items()],
    }


def _for_users(cloud: Cloud, secrets: Secrets, certificate: Mapping[str, str], want: Wanted) -> Iterator[File]:
    """The file by which clients of OpenStack find the cloud."""
    verify = {"cacert": "ca.pem"} if certificate else {}
    entry = {
        "auth": {
            "auth_url": f"{cloud.address}:{want.units['keystone'].front}/v3",
            "username": "admin",
            "password": secrets.now["keystone_admin"],
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        "region_name": REGION,
        "identity_api_version": "3",
        **verify,
    }
    yield File(path="clouds.yaml", text=json.dumps({"clouds": {"kollage": entry}}, indent=2) + "\n")
    if certificate:
        yield File(path="ca.pem", text=certificate["authority"], mode=0o644)


def place(cloud_dir: Path, cloud: Cloud) -> Cloud:
    """The cloud with the paths in its files that depend on where its folder is."""
    files = tuple(
        replace(file, text=file.text.replace('"cacert": "ca.pem"', f'"cacert": "{cloud_dir}/ca.pem"'))
        for file in cloud.files
    )
    return replace(cloud, files=files)
