"""What would keep a cloud from running, found before anything is begun."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from kollage.deploy.choices import Choices
from kollage.deploy.cloud import Wanted, external
from kollage.deploy.facts import Unit
from kollage.deploy.host import Host
from kollage.deploy.runner import Found
from kollage.errors import EngineError, UsageError
from kollage.options import Options
from kollage.render import reference

_MIB, _GB = 2**20, 10**9
_DISK = 6 * _GB  # what databases, an image and an instance take at least
_SPARE = 512 * _MIB  # beside what the services hold


def require_rights(host: Host) -> None:
    """See that the user may do what a cloud needs: networks, virtual machines. Raises `EngineError`."""
    if not host.root:
        raise EngineError(
            "a cloud needs rights that only root has: bridges, addresses, virtual machines", hint="repeat it with sudo"
        )


def require_room(want: Wanted, host: Host, found: Mapping[str, Found]) -> None:
    """See that there is memory and disk for what does not run yet. Raises `EngineError`."""
    starting = [unit for name, unit in want.units.items() if not (name in found and found[name].running)]
    needed = sum(unit.memory for unit in starting) * _MIB
    if needed and host.memory < needed + _SPARE:
        raise EngineError(
            f"the services need {(needed + _SPARE) / _GB:.1f} GB of memory, and {host.memory / _GB:.1f} GB are free",
            hint="end what is not needed, or leave out what --with added",
        )
    if starting and host.disk < _DISK:
        raise EngineError(
            f"a cloud needs {_DISK / _GB:.0f} GB where the engine keeps things, and {host.disk / _GB:.1f} GB are free",
            hint="free some: `kollage clean --dangling` removes images without a name",
        )


def require_ports(want: Wanted, host: Host, found: Mapping[str, Found]) -> None:
    """See that no other program has a port that a service will listen on. Raises `UsageError`."""
    seen: dict[int, str] = {}
    for name, use, port in _ports(want):
        if port in seen:
            raise UsageError(
                f"{name} and {seen[port]} are both to listen on port {port}",
                hint=f"give one of them another: --ports {use}:…",
            )
        seen[port] = name
        if port in host.listening and not (name in found and found[name].running):
            holder = host.listening[port] or "another program"
            raise UsageError(
                f"port {port}, which {name} listens on, is taken by {holder}",
                hint=f"end that, or choose another: --ports {use}:{port + 1}",
            )


def _ports(want: Wanted) -> Iterator[tuple[str, str, int]]:
    """Who listens where: the unit, the word for --ports, the port. For the outer ports that is the load balancer."""
    for name, unit in want.units.items():
        if unit.front:
            yield ("haproxy" if "haproxy" in want.units else name), name, unit.front
        if unit.port:
            yield name, f"{name}-backend" if unit.front else name, unit.port
        yield from ((name, name, port) for port in unit.ports.values())


def require_network(choices: Choices, host: Host, found: Mapping[str, Found]) -> None:
    """See that this machine has no way yet to the network of floating addresses. Raises `UsageError`."""
    network = external(choices)
    clash = next((other for other in host.networks if other.overlaps(network)), None)
    if clash and not found:  # else the way is that of the cloud's own bridge, which outlives a killed switch
        raise UsageError(
            f"--external-network: this machine has a way to {clash} already, which {network} overlaps",
            hint="choose another network, such as 198.18.0.0/24",
        )
    if IPv4Address(choices.address) in network:
        raise UsageError(f"--address: {choices.address} is in the external network {network}", hint="choose another")


def images(
    want: Wanted, options: Options, store: Mapping[str, str], pinned: Mapping[str, str]
) -> Mapping[str, tuple[str, str]]:
    """What each image is called and its id: the one that the cloud runs already, as long as the store has it.

    `store` has the id of each name, `pinned` what the cloud runs. Raises `UsageError` with the command that builds
    what is missing.
    """
    found: dict[str, tuple[str, str]] = {}
    missing: list[str] = []
    for name in sorted({unit.image for unit in want.units.values()}):
        full = next((each for each in _names(reference(name, options)) if each in store), "")
        old = pinned.get(name, "")
        if old and old in store.values() and store.get(full) != old:
            found[name] = (old, old)
        elif full:
            found[name] = (full, store[full])
        else:
            missing.append(name)
    if missing:
        expressions = " ".join(f"'^{name}$'" for name in missing)
        told = missing[0] if len(missing) == 1 else f"{len(missing)} images: {', '.join(missing)}"
        raise UsageError(
            f"the store lacks what the cloud is made of: {told}",
            hint=f"build it: kollage build {_same(options)}{expressions}",
        )
    return found


def _names(full: str) -> tuple[str, ...]:
    return full, f"localhost/{full}", f"docker.io/{full}"


def _same(options: Options) -> str:
    """The flags by which a build gives images the names that were looked for."""
    plain = Options()
    said = {
        "--base": (options.base, plain.base),
        "--release": (options.release, plain.release),
        "--registry": (options.registry, plain.registry),
        "--namespace": (options.namespace, plain.namespace),
        "--tag": (options.tag, plain.tag),
    }
    return "".join(f"{flag} {value} " for flag, (value, usual) in said.items() if value != usual)


def require_known(name: str, units: Mapping[str, Unit]) -> None:
    """See that there is a unit of this name. Raises `UsageError`."""
    from kollage.facts import nearest

    if name not in units:
        raise UsageError(f"the cloud has no service '{name}'", hint=nearest(name, units) or "see `kollage status`")
