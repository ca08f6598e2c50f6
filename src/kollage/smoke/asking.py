"""Steps that look at an instance which runs: its console, its address, its page, and a volume it writes to."""

import re
from collections.abc import Callable
from dataclasses import replace

from kollage.smoke.bench import Bench, Made, console_tail
from kollage.smoke.faults import CloudError
from kollage.smoke.guest import MARKER
from kollage.smoke.making import VOLUME, Done

Ask = Callable[[], tuple[bool, str]]  # whether there is an answer, and what was said

_WRITING = 60.0  # seconds for a megabyte, in emulation


def console(bench: Bench, made: Made) -> Done:
    """Wait for the guest's word on its console: it has an address and knows who it is."""
    pattern = re.compile(rf"{MARKER} (\S+) (\S+)")
    found = bench.wait(lambda: pattern.search(bench.cloud.console(made.server)))
    if found is None:
        raise CloudError(
            f"the console of {made.server} for '{MARKER}'",
            f"it is not there after {bench.patience:.0f} s",
            tail=console_tail(bench, made.server),
            hint="a slow machine needs more time: --patience",
        )
    if (found[1], found[2]) != (made.server, made.fixed):
        raise CloudError(
            f"the guest's name {made.server} and address {made.fixed}",
            f"it says {found[1]} and {found[2]}",
            tail=console_tail(bench, made.server),
            hint="the first comes from the metadata service, the second by DHCP",
        )
    return made, f"{found[2]} by DHCP, metadata served"


def ping(bench: Bench, made: Made) -> Done:
    """Give the instance a floating IP, and ping it."""
    address = bench.cloud.make_floating_ip(bench.name("address"), external=made.external, server=made.server)
    said = _until(bench, made, f"ping {address}", lambda: bench.reach.ping(address))
    found = re.search(r"time=\S+ ms", said)
    return replace(made, address=address), f"{address} {found[0] if found else 'answers'}"


def page(bench: Bench, made: Made) -> Done:
    """Fetch the guest's page: it has to be this instance that answers."""
    said = _until(bench, made, f"GET http://{made.address}/", lambda: bench.reach.page(made.address, "/", 5))
    if f"instance {made.server}\n" not in said:
        raise CloudError(f"GET http://{made.address}/", f"another machine answers: {said[:200]!r}")
    return made, ", ".join(said.split("\n")[:-1])


def volume(bench: Bench, made: Made) -> Done:
    """Attach a volume, and let the guest write to it and read it back."""
    identity = bench.cloud.make_volume(bench.name("volume"), size=VOLUME)
    _volume_is(bench, identity, "available")
    bench.cloud.attach(made.server, identity)
    _volume_is(bench, identity, "in-use", refused="available")  # it was reserved before the request was answered
    path = "/cgi-bin/disk"
    said = _until(bench, made, f"GET http://{made.address}{path}", lambda: _disk(bench, made.address, path))
    if said.split()[:1] != ["written"] or said.split()[-1] != str(VOLUME * 1024):
        raise CloudError(
            f"1 MiB written to a volume of {VOLUME} GiB and read back",
            f"the guest says: {said.strip()}",
            tail=console_tail(bench, made.server),
        )
    bench.cloud.detach(made.server, identity)
    _volume_is(bench, identity, "available")
    return replace(made, volume=identity), f"{VOLUME} GiB, 1 MiB written and read back as {said.split()[1]}"


def _disk(bench: Bench, address: str, path: str) -> tuple[bool, str]:
    """What the guest says of its last disk; a disk that it does not see yet is no answer."""
    answers, said = bench.reach.page(address, path, _WRITING)
    return answers and said.strip() != "none", "the guest sees no disk" if said.strip() == "none" else said


def _volume_is(bench: Bench, identity: str, wanted: str, *, refused: str = "") -> None:
    """Wait for a status. Raises `CloudError` when patience ends, or at one from which it will not come."""
    last: list[str] = []

    def settled() -> str | None:
        last[:] = [bench.cloud.volume(identity)]
        return last[0] if last[0] in {wanted, refused, ""} or last[0].startswith("error") else None

    if bench.wait(settled) != wanted:
        raise CloudError(f"the volume {identity} to be {wanted}", f"it is {last[0] or 'gone'}")


def _until(bench: Bench, made: Made, asked: str, ask: Ask) -> str:
    """Ask until there is an answer. Raises `CloudError` with the last word and the guest's console."""
    last: list[str] = []

    def answer() -> str | None:
        good, said = ask()
        last[:] = [said]
        return said if good else None

    found = bench.wait(answer, every=1.0)
    if found is None:
        raise CloudError(
            asked,
            f"{last[0]}, for {bench.patience:.0f} s",
            tail=console_tail(bench, made.server),
            hint="see the router's and the switch's agents, and the route from here to the external network",
        )
    return found
