"""A real cloud, asked with OpenStack's own library: the one module that knows it.

Whatever the library raises becomes a `CloudError` with the request and the answer.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kollage.errors import UsageError
from kollage.smoke.cloud import Endpoint, ImageOrder, Kind, Login, Server, Thing
from kollage.smoke.faults import CloudError

if TYPE_CHECKING:
    from openstack.connection import Connection

_SERVICES: Mapping[Kind, str] = {
    Kind.SERVER: "compute",
    Kind.VOLUME: "block_storage",
    Kind.FLOATING_IP: "network",
    Kind.ROUTER: "network",
    Kind.NETWORK: "network",
    Kind.GROUP: "network",
    Kind.FLAVOR: "compute",
    Kind.IMAGE: "image",
}
_LISTINGS: Mapping[Kind, tuple[str, Mapping[str, object]]] = {
    Kind.SERVER: ("servers", {"details": False}),
    Kind.VOLUME: ("volumes", {"details": False}),
    Kind.FLOATING_IP: ("ips", {}),
    Kind.ROUTER: ("routers", {}),
    Kind.NETWORK: ("networks", {}),
    Kind.GROUP: ("security_groups", {}),
    Kind.FLAVOR: ("flavors", {"details": False, "is_public": None}),
    Kind.IMAGE: ("images", {}),
}
_DELETIONS: Mapping[Kind, str] = {
    Kind.SERVER: "delete_server",
    Kind.VOLUME: "delete_volume",
    Kind.FLOATING_IP: "delete_ip",
    Kind.ROUTER: "delete_router",
    Kind.NETWORK: "delete_network",
    Kind.GROUP: "delete_security_group",
    Kind.FLAVOR: "delete_flavor",
    Kind.IMAGE: "delete_image",
}


def connected(clouds: Path, name: str, *, patience: float = 60.0) -> "Sdk":
    """Give the cloud of a `clouds.yaml`, each request of which may take some seconds; nothing is asked of it yet.

    Raises `UsageError`.
    """
    try:
        from openstack.config import OpenStackConfig
        from openstack.connection import Connection
        from openstack.exceptions import ConfigException
    except ImportError as error:
        raise UsageError(
            "the library 'openstacksdk' is not installed", hint="install kollage with its extra: kollage[launch]"
        ) from error
    try:
        config = OpenStackConfig(
            config_files=[str(clouds)], secure_files=[], vendor_files=[], load_envvars=False, app_name="kollage"
        )
        region = config.get_one(name, api_timeout=patience)
    except (ConfigException, OSError) as error:
        raise UsageError(
            f"{clouds} cannot be used: {error}", hint="see whether it is the file that was written"
        ) from error
    for library in ("keystoneauth", "openstack"):  # what they warn of is in what they raise
        logging.getLogger(library).addHandler(logging.NullHandler())
    return Sdk(Connection(config=region), patience)


class Sdk:
    """A cloud behind a connection; see `kollage.smoke.cloud.Cloud` for what each method gives."""

    def __init__(self, connection: "Connection", patience: float) -> None:
        self._patience = patience
        self._cloud: Any = connection  # the library's own types are wider than its promises

    def login(self) -> Login:
        """Fetch a token."""
        session = self._cloud.session
        with _asked(f"a token of {self._cloud.config.config['auth']['auth_url']}"):
            access = session.auth.get_access(session)
        return Login(
            user=access.username,
            project=access.project_name or "no project",
            until=f"{access.expires:%Y-%m-%d %H:%M} UTC",
            endpoints=tuple(_endpoints(access.service_catalog.catalog)),
        )

    def answer(self, url: str) -> str:
        """Ask an endpoint for anything."""
        with _asked(f"GET {url}"):
            reply = self._cloud.session.get(url, raise_exc=False, connect_retries=0)
        return f"{reply.status_code} {reply.reason}"

    def upload(self, order: ImageOrder) -> str:
        """Make an image and wait until it can be used."""
        with _asked(f"the image {order.name} ({order.form})"):
            image = self._cloud.image.create_image(
                order.name,
                data=order.content if isinstance(order.content, bytes) else order.content.read_bytes(),
                disk_format=order.form,
                container_format=order.container,
                min_ram=order.minimum_ram,
                allow_duplicates=True,  # else it looks for one first
                visibility="community" if order.shared else "private",
                wait=True,
                timeout=self._patience,
                **order.properties,
            )
            status = self._cloud.image.get_image(image.id).status
        if status != "active":
            raise CloudError(f"the image {order.name}", f"it is {status}")
        return str(image.id)

    def make_flavor(self, name: str, *, memory: int, disk: int) -> str:
        """Make a flavour with one processor."""
        with _asked(f"the flavour {name}"):
            return str(self._cloud.compute.create_flavor(name=name, ram=memory, vcpus=1, disk=disk).id)

    def external_networks(self) -> Sequence[Thing]:
        """The networks that routers may have for their gateway."""
        with _asked("the external networks"):
            return [_thing(each) for each in self._cloud.network.networks(is_router_external=True)]

    def make_network(self, name: str, *, cidr: str) -> tuple[str, str]:
        """Make a network with a subnet."""
        with _asked(f"the network {name} ({cidr})"):
            network = self._cloud.network.create_network(name=name)
            subnet = self._cloud.network.create_subnet(network_id=network.id, name=name, ip_version=4, cidr=cidr)
        return str(network.id), str(subnet.id)

    def make_router(self, name: str, *, external: str, subnet: str) -> str:
        """Make a router between a subnet and an external network."""
        with _asked(f"the router {name}"):
            gateway = {"network_id": external}
            router = self._cloud.network.create_router(name=name, external_gateway_info=gateway)
            self._cloud.network.add_interface_to_router(router, subnet_id=subnet)
        return str(router.id)

    def make_group(self, name: str, *, ports: Sequence[int]) -> str:
        """Make a security group that lets ping and TCP to some ports in."""
        rules: list[dict[str, object]] = [{"protocol": "icmp"}]
        rules += [{"protocol": "tcp", "port_range_min": port, "port_range_max": port} for port in ports]
        with _asked(f"the security group {name}"):
            group = self._cloud.network.create_security_group(name=name)
            for rule in rules:
                self._cloud.network.create_security_group_rule(
                    security_group_id=group.id, direction="ingress", ethertype="IPv4", **rule
                )
        return str(group.id)

    def boot(self, name: str, *, image: str, flavor: str, network: str, group: str) -> str:
        """Ask for an instance."""
        with _asked(f"the instance {name}"):
            server = self._cloud.compute.create_server(
                name=name,
                image_id=image,
                flavor_id=flavor,
                networks=[{"uuid": network}],
                security_groups=[{"name": group}],
            )
        return str(server.id)

    def server(self, identity: str) -> Server | None:
        """An instance; None when it is gone."""
        with _asked(f"the state of the instance {identity}"):
            found = _there(self._cloud.compute.get_server, identity)
        if found is None:
            return None
        return Server(
            status=found.status,
            fault=(found.fault or {}).get("message", ""),
            host=found.compute_host or "",
            doing=found.task_state or "",
            addresses=tuple(each["addr"] for nic in (found.addresses or {}).values() for each in nic),
        )

    def console(self, identity: str) -> str:
        """What an instance wrote on its console."""
        with _asked(f"the console of the instance {identity}"):
            return str(self._cloud.compute.get_server_console_output(identity)["output"])

    def make_floating_ip(self, name: str, *, external: str, server: str) -> str:
        """Give an instance an address of the external network; it has no name, so its description says who made it."""
        with _asked(f"a floating IP for {server}"):
            port = next(iter(self._cloud.network.ports(device_id=server)))
            made = self._cloud.network.create_ip(floating_network_id=external, port_id=port.id, description=name)
        return str(made.floating_ip_address)

    def make_volume(self, name: str, *, size: int) -> str:
        """Ask for a volume."""
        with _asked(f"the volume {name} ({size} GiB)"):
            return str(self._cloud.block_storage.create_volume(name=name, size=size).id)

    def volume(self, identity: str) -> str:
        """The status of a volume."""
        with _asked(f"the state of the volume {identity}"):
            found = _there(self._cloud.block_storage.get_volume, identity)
        return str(found.status) if found else ""

    def attach(self, server: str, volume: str) -> None:
        """Ask to connect a volume with an instance."""
        with _asked(f"the volume {volume} in the instance {server}"):
            self._cloud.compute.create_volume_attachment(server, volume_id=volume)

    def detach(self, server: str, volume: str) -> None:
        """Ask to take a volume from an instance."""
        with _asked(f"the volume {volume} out of the instance {server}"):
            self._cloud.compute.delete_volume_attachment(server, volume)

    def found(self, kind: Kind, prefix: str) -> Sequence[Thing]:
        """What there is of a kind whose name begins with a prefix; of a service that is not there, nothing."""
        if kind is Kind.VOLUME and not self._cloud.has_service("block-storage"):
            return []
        with _asked(f"what there is: {kind.value}"):
            listing, flags = _LISTINGS[kind]
            things = [_thing(each) for each in self._proxy(kind, listing)(**flags)]
        return [thing for thing in things if thing.name.startswith(prefix)]

    def delete(self, kind: Kind, identity: str) -> None:
        """Delete something, with what hangs on it."""
        with _asked(f"to delete the {kind.value} {identity}"):
            if kind is Kind.ROUTER:
                self._free(identity)
            self._proxy(kind, _DELETIONS[kind])(identity, ignore_missing=True)

    def _proxy(self, kind: Kind, method: str) -> Callable[..., Any]:
        """A method of the service that a kind belongs to; a service is looked for only when it is asked."""
        found: Callable[..., Any] = getattr(getattr(self._cloud, _SERVICES[kind]), method)
        return found

    def _free(self, router: str) -> None:
        """Take a router from its networks."""
        network = self._cloud.network
        for port in network.ports(device_id=router):
            if port.device_owner.startswith("network:") and "gateway" not in port.device_owner:
                network.remove_interface_from_router(router, port_id=port.id)


def _thing(found: Any) -> Thing:
    """What a listing has; a floating IP is called by its description."""
    floating = hasattr(found, "floating_ip_address")
    return Thing(id=str(found.id), name=(found.description if floating else found.name) or "")


def _there(get: Callable[[str], Any], identity: str) -> Any:
    """What a request gives; None where the cloud says that there is none."""
    from openstack.exceptions import NotFoundException

    try:
        return get(identity)
    except NotFoundException:
        return None


def _endpoints(catalog: Sequence[Mapping[str, Any]]) -> Iterator[Endpoint]:
    for service in catalog:
        for endpoint in service.get("endpoints", ()):
            yield Endpoint(service=service["type"], interface=endpoint["interface"], url=endpoint["url"])


@contextmanager
def _asked(what: str) -> Iterator[None]:
    """Turn what the library raises into a sentence on what was asked and what came back."""
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    try:
        yield
    except (SDKException, ClientException) as error:
        raise CloudError(what, _answer(error), hint=_hint(error)) from error
    except StopIteration:
        raise CloudError(what, "there is nothing that it could be for") from None


def _answer(error: BaseException) -> str:
    """The answer with its status and the request's identity, as the services' logs have it."""
    from keystoneauth1.exceptions import ConnectionError as Unreachable

    if isinstance(error, Unreachable):
        return f"no connection: {_first(error)}"
    status = str(getattr(error, "status_code", None) or getattr(error, "http_status", None) or "")
    said = str(getattr(error, "details", None) or error).strip().removeprefix(status).strip()
    request = getattr(error, "request_id", None)
    return f"{f'{status} ' if status else ''}{said}{f' ({request})' if request else ''}"


def _first(error: BaseException) -> str:
    """What happened first: the libraries wrap the system's own words several times."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _hint(error: Exception) -> str:
    from keystoneauth1.exceptions import ConnectFailure, SSLError, Unauthorized

    said = str(error).lower()
    if isinstance(error, Unauthorized) or getattr(error, "status_code", None) == 401:
        return "the user or password in clouds.yaml is not the cloud's: let it be written anew, as `kollage up` does"
    if isinstance(error, SSLError) or "certificate" in said:
        return "see `cacert` in clouds.yaml, and whether the certificate has expired"
    if isinstance(error, ConnectFailure):
        return "nothing answers there: is the cloud up? `kollage status` says it of one that `kollage up` made"
    if "quota" in said:
        return "raise it: openstack quota set …, or delete what is not needed"
    return ""
