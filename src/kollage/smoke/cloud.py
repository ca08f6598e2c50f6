"""The border to a cloud: what the steps ask of it, in values of our own.

`kollage.smoke.sdk` asks a real one; tests have one in memory. Every method raises `CloudError` for an answer that is
not what was asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol


class Kind(Enum):
    """What steps make, in the order in which it can be deleted again."""

    SERVER = "instance"
    VOLUME = "volume"
    FLOATING_IP = "floating IP"
    ROUTER = "router"
    NETWORK = "network"
    GROUP = "security group"
    FLAVOR = "flavour"
    IMAGE = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that is there: its identity in the cloud, and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An entry of the catalogue."""

    service: str  # its type
    interface: str  # public, internal or admin
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who one is."""

    user: str
    project: str
    until: str  # the end of the token, as the cloud writes it
    endpoints: tuple[Endpoint, ...] = ()

    def offers(self, *services: str) -> bool:
        """Whether the catalogue has one of these types of service."""
        return any(endpoint.service in services for endpoint in self.endpoints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An instance as the cloud sees it."""

    status: str  # BUILD, ACTIVE, ERROR and others
    fault: str = ""
    host: str = ""
    addresses: tuple[str, ...] = ()
    doing: str = ""  # the task that is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """An image to be uploaded."""

    name: str
    form: str  # of the disk: raw, aki (a kernel), ari (its first root file system)
    container: str
    content: Path | bytes
    properties: Mapping[str, str] = field(default_factory=dict)
    minimum_ram: int = 0  # MiB
    shared: bool = False  # whether other projects may use it


class Cloud(Protocol):
    """What is asked of a cloud."""

    def login(self) -> Login:
        """Fetch a token."""

    def answer(self, url: str) -> str:
        """Ask an endpoint for anything: the status, as `200 OK`."""

    def upload(self, order: ImageOrder) -> str:
        """Make an image and wait until it can be used; its identity."""

    def make_flavor(self, name: str, *, memory: int, disk: int) -> str:
        """Make a flavour with one processor; memory in MiB, disk in GiB."""

    def external_networks(self) -> Sequence[Thing]:
        """The networks that routers may have for their gateway."""

    def make_network(self, name: str, *, cidr: str) -> tuple[str, str]:
        """Make a network with a subnet: the identities of both."""

    def make_router(self, name: str, *, external: str, subnet: str) -> str:
        """Make a router between a subnet and an external network."""

    def make_group(self, name: str, *, ports: Sequence[int]) -> str:
        """Make a security group that lets ping and TCP to some ports in."""

    def boot(self, name: str, *, image: str, flavor: str, network: str, group: str) -> str:
        """Ask for an instance; its identity."""

    def server(self, identity: str) -> Server | None:
        """An instance; None when it is gone."""

    def console(self, identity: str) -> str:
        """What an instance wrote on its console."""

    def make_floating_ip(self, name: str, *, external: str, server: str) -> str:
        """Give an instance an address of the external network: that address."""

    def make_volume(self, name: str, *, size: int) -> str:
        """Ask for a volume of some GiB."""

    def volume(self, identity: str) -> str:
        """The status of a volume; "" when it is gone."""

    def attach(self, server: str, volume: str) -> None:
        """Ask to connect a volume with an instance."""

    def detach(self, server: str, volume: str) -> None:
        """Ask to take a volume from an instance."""

    def found(self, kind: Kind, prefix: str) -> Sequence[Thing]:
        """What there is of a kind whose name begins with a prefix."""

    def delete(self, kind: Kind, identity: str) -> None:
        """Delete something, with what hangs on it; what is gone already is fine."""
