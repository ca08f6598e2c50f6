"""deploy.toml: how what is in an image is launched as part of a cloud, as frozen values.

docs/reference/deploy-toml.md describes every key. A mistake in a file is a `CatalogueError` that names the file, the
key and the way out. Texts may hold `{{ … }}`, which is filled later: this module reads, and decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from kollage.catalogue import Catalogue
from kollage.errors import CatalogueError
from kollage.facts import Facts, nearest, read

FACTS = "deploy.toml"
FOLDER = "deploy"  # beside it: the templates of the files


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A file of a unit's configuration."""

    name: str  # in the folder that the container sees
    template: str  # the place of its template, below the root of the catalogue
    to: str = ""  # where the start of the container puts it; "" leaves it where it is, for all to read
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One container of a cloud: a service, which runs on, or a job, which ends."""

    name: str
    image: str  # of the catalogue
    project: str  # what its operators call all of it together, such as nova
    option: str = ""  # what has to be asked for by --with; "" is always there
    once: bool = False  # whether it is a job
    needs: tuple[str, ...] = ()  # units that are healthy, or have ended well, before it begins
    command: str = ""  # what runs, by config.json
    start: tuple[str, ...] = ()  # what runs instead of kolla_start
    owner: str = "root"  # of its files and its logs
    files: tuple[Delivered, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)  # made at each start: folder -> owner
    owned: Mapping[str, str] = field(default_factory=dict)  # whole trees whose owner is set at each start
    environment: Mapping[str, str] = field(default_factory=dict)
    secret_environment: str = ""  # the file of its configuration that holds more of it
    volumes: Mapping[str, str] = field(default_factory=dict)  # volume -> folder in the container
    binds: tuple[str, ...] = ()  # folders of the host, as /from:/to or /from:/to:ro
    tmpfs: tuple[str, ...] = ()
    privileged: bool = False
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    host_processes: bool = False
    interfaces: tuple[str, ...] = ()  # of the host that it makes, and could not remove if it was killed
    healthy: str = ""  # a shell command that succeeds once the service does its work
    seconds: int = 120  # that it may take until it is healthy, or has ended
    stop_seconds: int = 20
    port: int = 0  # where it listens; 0: nowhere
    front: int = 0  # where the load balancer listens for it
    ports: Mapping[str, int] = field(default_factory=dict)  # further ones that it listens on, by purpose
    memory: int = 0  # MiB that it holds at rest
    log: str = ""  # the file that it writes instead of its standard output, below /var/log/kolla
    values: Mapping[str, str] = field(default_factory=dict)  # what its templates are told of it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What the catalogue of services says of one."""

    service: str
    type: str
    unit: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What one deploy.toml says."""

    image: str
    option: str
    units: tuple[Unit, ...]
    databases: tuple[str, ...] = ()  # all of one user, which is called like the project
    accounts: tuple[str, ...] = ()  # of the identity service
    endpoints: tuple[Endpoint, ...] = ()
    secrets: tuple[str, ...] = ()  # further ones that its templates ask for
    project: str = ""


def deployments(catalogue: Catalogue) -> tuple[Deployment, ...]:
    """Every deployment of a catalogue, by the place of its file. Raises `CatalogueError`."""
    places = sorted(place for place in catalogue.tree if PurePosixPath(place).name == FACTS)
    found = tuple(_deployment(catalogue, PurePosixPath(place)) for place in places)
    _check(found)
    return found


def _check(found: Sequence[Deployment]) -> None:
    names: dict[str, str] = {}
    for unit in (unit for each in found for unit in each.units):
        if unit.name in names:
            raise CatalogueError(f"the unit '{unit.name}' is described by {names[unit.name]} and {unit.image}")
        names[unit.name] = unit.image
    for unit in (unit for each in found for unit in each.units):
        for need in unit.needs:
            if need not in names:
                raise CatalogueError(
                    f"the unit '{unit.name}' needs '{need}', and nothing describes that", hint=nearest(need, names)
                )


def _deployment(catalogue: Catalogue, place: PurePosixPath) -> Deployment:
    image = place.parent.name
    facts = read(catalogue.tree[str(place)].path)
    if image not in catalogue.images:
        raise CatalogueError(f"{facts.path}: it lies in no image's folder", hint="it belongs beside an image.toml")
    option = facts.text("with", "")
    project = facts.text("project", place.parts[0])
    shared = (str(place.parent), *_shared(catalogue, facts))
    deployment = Deployment(
        image=image,
        option=option,
        project=project,
        units=tuple(
            _unit(row, image=image, project=project, option=option, once=once, shared=shared, catalogue=catalogue)
            for key, once in (("service", False), ("job", True))
            for row in facts.tables(key)
        ),
        databases=facts.texts("databases"),
        accounts=facts.texts("accounts"),
        endpoints=tuple(_endpoint(row) for row in facts.tables("endpoint")),
        secrets=facts.texts("secrets"),
    )
    facts.done()
    return deployment


def _shared(catalogue: Catalogue, facts: Facts) -> Iterator[str]:
    """The places of the images whose templates this one uses, too."""
    for name in facts.texts("shares"):
        if name not in catalogue.images:
            raise facts.complaint("shares", f"names no image: '{name}'", hint=nearest(name, catalogue.images))
        yield catalogue.images[name].place


def _unit(
    facts: Facts, *, image: str, project: str, option: str, once: bool, shared: Sequence[str], catalogue: Catalogue
) -> Unit:
    owner = facts.text("owner", "root")
    unit = Unit(
        name=facts.text("name", image),
        image=image,
        project=project,
        option=facts.text("with", option),
        once=once,
        needs=facts.texts("needs"),
        command=facts.text("command", ""),
        start=facts.texts("start"),
        owner=owner,
        files=tuple(_files(facts, owner, shared, catalogue)),
        folders=facts.mapping("folders"),
        owned=facts.mapping("owned"),
        environment=facts.mapping("environment"),
        secret_environment=facts.text("secret-environment", ""),
        volumes=facts.mapping("volumes"),
        binds=facts.texts("binds"),
        tmpfs=facts.texts("tmpfs"),
        privileged=facts.flag("privileged"),
        capabilities=facts.texts("capabilities"),
        devices=facts.texts("devices"),
        host_processes=facts.flag("host-processes"),
        interfaces=facts.texts("interfaces"),
        healthy=facts.text("healthy", ""),
        seconds=facts.number("seconds", 300 if once else 180),
        stop_seconds=facts.number("stop-seconds", 20),
        port=facts.number("port", 0),
        front=facts.number("front", 0),
        ports=_numbers(facts.table("ports")),
        memory=facts.number("memory", 0),
        log=facts.text("log", ""),
        values=facts.mapping("values"),
    )
    facts.done()
    return unit


def _numbers(facts: Facts) -> Mapping[str, int]:
    return {name: facts.number(name) for name in list(facts.names())}


def _files(facts: Facts, owner: str, shared: Sequence[str], catalogue: Catalogue) -> Iterator[Delivered]:
    """The files of a unit, in order: `name = "/where/to"`, or a table where the owner or the template is another."""
    rows = facts.table("files")
    for name in list(rows.names()):
        if not rows.is_table(name):
            yield Delivered(
                name=name, to=rows.text(name), owner=owner, template=_template(rows, name, shared, catalogue)
            )
            continue
        row = rows.table(name)
        asked = row.text("template", name)
        yield Delivered(
            name=name,
            to=row.text("to", ""),
            owner=row.text("owner", owner),
            template=_template(rows, asked, shared, catalogue),
        )
        row.done()


def _template(facts: Facts, name: str, shared: Sequence[str], catalogue: Catalogue) -> str:
    places = [f"{place}/{FOLDER}/{name}.j2" for place in shared]
    for place in places:
        if place in catalogue.tree:
            return place
    raise facts.complaint(name, "has no template", hint=f"write {places[0]}")


def _endpoint(facts: Facts) -> Endpoint:
    endpoint = Endpoint(
        service=facts.text("service"), type=facts.text("type"), unit=facts.text("unit"), path=facts.text("path", "")
    )
    facts.done()
    return endpoint
