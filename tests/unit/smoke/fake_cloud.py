"""A cloud in memory that behaves: what hangs together cannot be deleted, machines take time, and things go wrong."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kollage.guests import Guest
from kollage.smoke.bench import Bench
from kollage.smoke.cloud import Endpoint, ImageOrder, Kind, Login, Server, Thing
from kollage.smoke.faults import CloudError
from kollage.smoke.guest import MARKER
from kollage.smoke.reach import Reach

SERVICES = ("identity", "image", "compute", "network", "volumev3")
OUTSIDE = "203.0.113.9"


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    now: float = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Made:
    """Something that is there."""

    kind: Kind
    name: str
    needs: tuple[str, ...] = ()  # identities of what cannot go before it
    since: float = 0.0
    going: float | None = None  # when it will be gone
    attached: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeCloud:
    """See `kollage.smoke.cloud.Cloud`. The fields say how it misbehaves."""

    clock: Clock
    services: Sequence[str] = SERVICES
    externals: Sequence[str] = ("external",)
    boots_after: float = 12.0  # seconds until an instance is active
    speaks_after: float = 30.0  # and until its guest is ready
    fault: str = ""  # of every instance
    says: str = ""  # what the guest says it is, in place of what it is
    status: str = "200 OK"  # of every endpoint
    quota: dict[Kind, int] = field(default_factory=dict)
    stuck: set[Kind] = field(default_factory=set)  # what does not go, whatever was answered
    refused: set[Kind] = field(default_factory=set)  # what must not be deleted
    things: dict[str, Made] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    written: str = "written"
    connects: bool = True  # whether volumes get where they are asked for
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def login(self) -> Login:
        endpoints = tuple(Endpoint(service=each, interface="public", url=f"http://{each}/") for each in self.services)
        return Login(user="admin", project="admin", until="tomorrow", endpoints=endpoints)

    def answer(self, url: str) -> str:
        return self.status

    def upload(self, order: ImageOrder) -> str:
        for key in ("kernel_id", "ramdisk_id"):
            if key in order.properties:
                self._there(Kind.IMAGE, order.properties[key])
        identity = self._make(Kind.IMAGE, order.name)
        self.things[identity].properties = dict(order.properties)
        return identity

    def make_flavor(self, name: str, *, memory: int, disk: int) -> str:
        return self._make(Kind.FLAVOR, name)

    def external_networks(self) -> Sequence[Thing]:
        return [Thing(id=f"outside-{name}", name=name) for name in self.externals]

    def make_network(self, name: str, *, cidr: str) -> tuple[str, str]:
        identity = self._make(Kind.NETWORK, name)
        return identity, f"subnet of {identity}"

    def make_router(self, name: str, *, external: str, subnet: str) -> str:
        return self._make(Kind.ROUTER, name, needs=(subnet.removeprefix("subnet of "),))

    def make_group(self, name: str, *, ports: Sequence[int]) -> str:
        return self._make(Kind.GROUP, name)

    def boot(self, name: str, *, image: str, flavor: str, network: str, group: str) -> str:
        for kind, identity in (
            (Kind.IMAGE, image),
            (Kind.FLAVOR, flavor),
            (Kind.NETWORK, network),
            (Kind.GROUP, group),
        ):
            self._there(kind, identity)
        return self._make(Kind.SERVER, name, needs=(network, group))

    def server(self, identity: str) -> Server | None:
        made = self._alive(identity)
        if made is None:
            return None
        if self.clock.now - made.since < self.boots_after:
            return Server(status="BUILD", doing="spawning")
        if self.fault:
            return Server(status="ERROR", fault=self.fault)
        return Server(status="ACTIVE", host="here", addresses=("192.168.213.7",))

    def console(self, identity: str) -> str:
        made = self._there(Kind.SERVER, identity)
        if self.clock.now - made.since < self.speaks_after:
            return "kollage-guest: started\n\n"
        return f"kollage-guest: started\n{MARKER} {self.says or identity} 192.168.213.7\nguest login: "

    def make_floating_ip(self, name: str, *, external: str, server: str) -> str:
        self._make(
            Kind.FLOATING_IP, name, needs=tuple(i for i, made in self.things.items() if made.kind is Kind.ROUTER)
        )
        return OUTSIDE

    def make_volume(self, name: str, *, size: int) -> str:
        return self._make(Kind.VOLUME, name)

    def volume(self, identity: str) -> str:
        made = self._alive(identity)
        return "" if made is None else "in-use" if made.attached else "available"

    def attach(self, server: str, volume: str) -> None:
        self._there(Kind.VOLUME, volume).attached = server if self.connects else ""

    def detach(self, server: str, volume: str) -> None:
        self._there(Kind.VOLUME, volume).attached = ""

    def found(self, kind: Kind, prefix: str) -> Sequence[Thing]:
        here = [(identity, made) for identity, made in list(self.things.items()) if self._alive(identity)]
        return [Thing(id=i, name=made.name) for i, made in here if made.kind is kind and made.name.startswith(prefix)]

    def delete(self, kind: Kind, identity: str) -> None:
        made = self._there(kind, identity)
        if kind in self.refused:
            raise CloudError(f"to delete {made.name}", "403 not allowed")
        users = [other.name for i, other in self.things.items() if identity in other.needs and self._alive(i)]
        if users or (made.attached and self._alive(made.attached)):
            raise CloudError(f"to delete {made.name}", f"409 in use by {users or made.attached}")
        self.requests.append(f"delete {made.name}")
        made.going = self.clock.now + (4.0 if kind in {Kind.SERVER, Kind.VOLUME} else 0.0)

    def _make(self, kind: Kind, name: str, needs: tuple[str, ...] = ()) -> str:
        if sum(made.kind is kind for made in self.things.values()) >= self.quota.get(kind, 99):
            raise CloudError(f"the {kind.value} {name}", "403 Quota exceeded", hint="raise it")
        identity = f"{kind.name.lower()}-{next(self._numbers)}"
        self.things[identity] = Made(kind=kind, name=name, needs=needs, since=self.clock.now)
        self.requests.append(f"make {name}")
        return identity

    def _alive(self, identity: str) -> Made | None:
        made = self.things.get(identity)
        if made and made.going is not None and self.clock.now >= made.going and made.kind not in self.stuck:
            del self.things[identity]
            return None
        return made

    def _there(self, kind: Kind, identity: str) -> Made:
        made = self._alive(identity)
        if made is None or made.kind is not kind:
            raise CloudError(f"the {kind.value} {identity}", "404 there is none")
        return made


def guest_in(folder: Path) -> Guest:
    for name in ("kernel", "ramdisk"):
        (folder / name).write_bytes(b"x" * 500_000)
    return Guest(kernel=folder / "kernel", ramdisk=folder / "ramdisk", command_line="console=ttyS0", version="6.12")


def reach_of(cloud: FakeCloud) -> Reach:
    """The network before the cloud: who has no router and no instance that is ready is not heard."""

    def server() -> str:
        return next((i for i, m in cloud.things.items() if m.kind is Kind.SERVER), "")

    def hears(address: str) -> bool:
        routed = any(made.kind is Kind.ROUTER for made in cloud.things.values())
        return routed and address == OUTSIDE and bool(server())

    def ping(address: str) -> tuple[bool, str]:
        return (True, "64 bytes: time=1.2 ms") if hears(address) else (False, "100% packet loss")

    def page(address: str, path: str, seconds: float) -> tuple[bool, str]:
        if not hears(address):
            return False, "No route to host"
        if path == "/":
            return True, f"instance {cloud.says or server()}\naddress 192.168.213.7\n"
        disk = any(made.attached for made in cloud.things.values())
        return True, f"{cloud.written} vdb 1024\n" if disk else "none\n"

    return Reach(ping=ping, page=page)


def bench_of(cloud: FakeCloud, folder: Path, **other: object) -> Bench:
    bench = Bench(
        cloud=cloud,
        guest=lambda: guest_in(folder),
        reach=reach_of(cloud),
        run="now",
        patience=60,
        external="external",
        shared=False,
        log=lambda service: f"kollage logs {service}",
        clock=lambda: cloud.clock.now,
        pause=cloud.clock.wait,
    )
    return replace(bench, **other)  # type: ignore[arg-type] # fields of several types
