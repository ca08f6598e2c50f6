"""The scheduler, as a client sees it: steps are handed to it, and come back ended, in whatever way."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from kollage.distributed import labels, site
from kollage.distributed.lines import TOPIC
from kollage.distributed.orders import Ticket
from kollage.distributed.placement import Load
from kollage.errors import UsageError
from kollage.results import Result
from kollage.steps import Step

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK = 0.5  # seconds between two looks whether the scheduler is still there

Connect = Callable[[], "Client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A step as it is handed over."""

    ticket: Ticket
    needed: Mapping[str, float]  # Dask's resources
    load: Load | None = None  # of a step that makes an image: what it means for who takes it
    retries: int = 3


@dataclass(slots=True, kw_only=True)
class Farm:
    """The scheduler that steps go to, as long as it lasts, and then the next one at the same address."""

    connect: Connect
    hear: Callable[[Mapping[str, Any]], None]
    patience: float  # seconds that a scheduler may be away, or no worker there
    tell: Callable[[str], None]  # a sentence for the user
    carry_out: Callable[..., tuple[Result, str]] = site.carry_out  # what a worker does with a ticket
    client: "Client | None" = None
    _ended: "SimpleQueue[Future[Any]]" = field(default_factory=SimpleQueue)

    def open(self) -> None:
        """Reach the scheduler. Raises `UsageError` where nobody answers, or not as a scheduler does."""
        self.client = self.connect()
        self.client.subscribe_topic(TOPIC, lambda event: self.hear(event[1]))

    def close(self) -> None:
        """Leave the scheduler alone."""
        if self.client:
            with suppress(Exception):  # a scheduler that has gone is left well enough
                self.client.close(timeout=2)
        self.client = None

    def submit(self, step: Step, errand: Errand, host: str = "") -> "Future[Any]":
        """Hand a step over, to a host if one is named; Dask may give it to another."""
        assert self.client  # noqa: S101 - it is open
        ticket = errand.ticket
        future = self.client.submit(
            self.carry_out,
            ticket.place,
            ticket.plan,
            ticket.name,
            ticket.key,
            key=ticket.key,
            workers=[host] if host else None,
            allow_other_workers=bool(host),
            resources=dict(errand.needed),
            retries=errand.retries,
            priority=step.priority,
            pure=False,
        )
        future.add_done_callback(self._ended.put)
        return future

    def wait(self) -> "list[Future[Any]]":
        """The steps that ended, in whatever way, since the last time; none after a moment in which none did."""
        ended = []
        with suppress(Empty):
            ended.append(self._ended.get(timeout=_LOOK))
            while True:
                ended.append(self._ended.get_nowait())
        return ended

    def is_lost(self) -> bool:
        """Whether the scheduler is not there any more."""
        return self.client is None or self.client.status != "running"

    def reopen(self) -> None:
        """Reach the scheduler again, as soon as it is there. Raises `UsageError` where that takes too long."""
        self.tell("the scheduler is away; waiting for it")
        self.close()
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self.open()
            except UsageError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_LOOK)
            else:
                self.tell("the scheduler is back")
                return

    def workers(self) -> Mapping[str, labels.Labels]:
        """The workers that take steps, by address."""
        assert self.client  # noqa: S101 - it is open
        return labels.of_workers(self.client.scheduler_info(n_workers=-1))
