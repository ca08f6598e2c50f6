"""Steps that make something in a cloud: each gives what there is then, and a line on what was seen."""

from dataclasses import replace

from kollage.smoke.bench import Bench, Made, console_tail
from kollage.smoke.cloud import Endpoint, ImageOrder, Server
from kollage.smoke.faults import CloudError

CIDR = "192.168.213.0/24"
DISK = 1 << 20  # bytes of the disk that the guest has and does not use
MEMORY = 192  # MiB of the guest
VOLUME = 1  # GiB
_HTTP = 80

Done = tuple[Made, str]


def token(bench: Bench, made: Made) -> Done:
    """Log in."""
    login = bench.cloud.login()
    return replace(made, login=login), f"{login.user} in {login.project}, until {login.until}"


def catalogue(bench: Bench, made: Made) -> Done:
    """Ask every endpoint of the catalogue. Raises `CloudError` that names all that do not answer."""
    endpoints = made.login.endpoints if made.login else ()
    if not endpoints:
        raise CloudError("the catalogue of services", "it is empty", hint="see whether the services were registered")
    silent = [
        f"{each.service} ({each.interface}) {trouble}" for each in endpoints if (trouble := _trouble(bench, each))
    ]
    if silent:
        raise CloudError(f"GET of {len(endpoints)} endpoints", "; ".join(silent))
    return made, f"{len(endpoints)} endpoints of {len({each.service for each in endpoints})} services"


def _trouble(bench: Bench, endpoint: Endpoint) -> str:
    try:
        status = bench.cloud.answer(endpoint.url)
    except CloudError as error:
        return f"{endpoint.url}: {error.answered}"
    return f"{endpoint.url}: {status}" if status.startswith("5") else ""


def guest(bench: Bench, made: Made) -> Done:
    """Have the machine that will be booted."""
    return made, f"kernel {bench.guest().version}"


def image(bench: Bench, made: Made) -> Done:
    """Upload the guest: a kernel, its first root file system, and a disk that refers to both."""
    booted = bench.guest()
    kernel, ramdisk = (
        bench.cloud.upload(
            ImageOrder(name=bench.name(what), form=form, container=form, content=content, shared=bench.shared)
        )
        for what, form, content in (("kernel", "aki", booted.kernel), ("ramdisk", "ari", booted.ramdisk))
    )
    properties = {"kernel_id": kernel, "ramdisk_id": ramdisk, "os_command_line": booted.command_line}
    disk = ImageOrder(
        name=bench.name("disk"),
        form="raw",
        container="bare",
        content=bytes(DISK),
        properties=properties,
        minimum_ram=MEMORY,
        shared=bench.shared,
    )
    identity = bench.cloud.upload(disk)
    size = booted.kernel.stat().st_size + booted.ramdisk.stat().st_size + DISK
    return replace(made, image=identity), f"3 images, {size / 1e6:.0f} MB, active"


def flavor(bench: Bench, made: Made) -> Done:
    """Make a flavour."""
    return replace(made, flavor=bench.cloud.make_flavor(bench.name("flavor"), memory=MEMORY, disk=1)), f"{MEMORY} MiB"


def network(bench: Bench, made: Made) -> Done:
    """Make a network with a router to the outside, and a security group."""
    external = _external(bench)
    identity, subnet = bench.cloud.make_network(bench.name("network"), cidr=CIDR)
    bench.cloud.make_router(bench.name("router"), external=external, subnet=subnet)
    group = bench.cloud.make_group(bench.name("group"), ports=[_HTTP])
    return replace(
        made, external=external, network=identity, group=group
    ), f"{CIDR}, routed to {bench.external or 'it'}"


def _external(bench: Bench) -> str:
    there = bench.cloud.external_networks()
    fitting = [each for each in there if bench.external in {"", each.name}]
    if fitting:
        return fitting[0].id
    names = ", ".join(each.name for each in there) or "none"
    raise CloudError(
        f"the external network {bench.external}".rstrip(),
        f"there is none (external networks: {names})",
        hint="make one: openstack network create --external --provider-network-type flat …",
    )


def instance(bench: Bench, made: Made) -> Done:
    """Boot an instance and wait until it is active. Raises `CloudError` with its fault, or what it still does."""
    identity = bench.cloud.boot(
        bench.name("instance"), image=made.image, flavor=made.flavor, network=made.network, group=made.group
    )
    last: list[Server] = []

    def settled() -> Server | None:
        seen = bench.cloud.server(identity)
        if seen is None:
            raise CloudError(f"the instance {identity}", "it is gone")
        last[:] = [seen]
        return seen if seen.status in {"ACTIVE", "ERROR"} else None

    seen = bench.wait(settled)
    if seen is None:
        still = f"it is still {last[0].status} ({last[0].doing or 'no task'}) after {bench.patience:.0f} s"
        raise CloudError(f"the instance {identity}", still, hint="give it more time with --patience")
    if seen.status == "ERROR":
        raise CloudError(
            f"the instance {identity}",
            f"it is in ERROR: {seen.fault or 'the cloud does not say why'}",
            tail=console_tail(bench, identity),
        )
    addresses = ", ".join(seen.addresses)
    detail = f"active on {seen.host}, {addresses}"
    return replace(made, server=identity, fixed=seen.addresses[0] if seen.addresses else ""), detail
