"""What steps work with, what they have made so far, and how they wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kollage.guests import Guest
from kollage.smoke.cloud import Cloud, Login
from kollage.smoke.faults import CloudError
from kollage.smoke.reach import Reach

PREFIX = "kollage-smoke-"  # of every name that a smoke test gives: what carries it may be deleted

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What steps work with."""

    cloud: Cloud
    guest: Callable[[], Guest]
    reach: Reach
    run: str  # the identity of this run, which is in every name
    patience: float  # seconds that an instance may take to boot, and anything else to be done
    shared: bool  # whether other projects boot from the images, too
    external: str  # the name of the external network; "" means: any
    log: Callable[[str], str]  # the command that shows what a service says; "" where it is not known
    clock: Callable[[], float]
    pause: Callable[[float], None]

    def name(self, what: str) -> str:
        """A name that says who made it."""
        return f"{PREFIX}{self.run}-{what}"

    def wait(self, ask: Callable[[], Seen | None], every: float = 2.0) -> Seen | None:
        """Ask until there is an answer, or patience is at its end: then None."""
        end = self.clock() + self.patience
        while (seen := ask()) is None and self.clock() < end:
            self.pause(every)
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What there is so far: identities, "" for what is not there."""

    login: Login | None = None
    begun: bool = False  # whether there may be something to delete
    image: str = ""
    flavor: str = ""
    external: str = ""
    network: str = ""
    group: str = ""
    server: str = ""
    fixed: str = ""  # the address that DHCP gave
    address: str = ""  # the floating one
    volume: str = ""

    def offers(self, *services: str) -> bool:
        """Whether the cloud has one of these types of service."""
        return bool(self.login and self.login.offers(*services))


def last_lines(text: str, count: int = 20) -> tuple[str, ...]:
    """The last lines of a console that say something."""
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())[-count:]


def console_tail(bench: Bench, server: str) -> tuple[str, ...]:
    """What an instance wrote last; what cannot be had is none."""
    try:
        return last_lines(bench.cloud.console(server))
    except CloudError as error:
        return (f"the console could not be read: {error.answered}",)
