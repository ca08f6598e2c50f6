"""What makes a worker of Dask one of this program: it carries out steps of signed plans, and answers nothing else."""

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kollage import forecast
from kollage.distributed import certs, labels, site, trust
from kollage.distributed.holdings import Holdings
from kollage.distributed.lines import TOPIC, Sending
from kollage.distributed.site import Site
from kollage.engines import Engine
from kollage.options import Options
from kollage.output import tell
from kollage.registry import client_of, this_platform

if TYPE_CHECKING:
    from distributed import Worker

_FLUSH = 300  # milliseconds between two messages with lines
_LOOK = 10_000  # milliseconds between two looks at the disk
_ASK = 10.0  # seconds for the scheduler to say whether a step is still wanted from here
# of what Dask's workers answer, the rest runs or keeps code that somebody sends
_HANDLERS = frozenset(
    (
        "gather",
        "get_data",
        "free_keys",
        "terminate",
        "ping",
        "keys",
        "versions",
        "get_logs",
        "get_monitor_info",
        "identity",
        "echo",
        "connection_stream",
        "dump_state",
    )
)


def resources(options: Options, engine: Engine) -> dict[str, float]:
    """What a worker on this host offers."""
    return labels.offered(forecast.slots(options), platforms_of(options), engine.name, engine.free_bytes())


def equip(worker: "Worker", options: Options, engine: Engine) -> None:
    """Give a worker that has not begun its site, its messages and its eye on the disk."""
    from tornado.ioloop import PeriodicCallback

    answer_only_what_is_needed(worker)
    sending, draining = Sending(), _Draining(worker, engine)
    site.equip(_site(worker, options, engine, sending, draining))
    worker.periodic_callbacks["kollage-lines"] = PeriodicCallback(lambda: _flush(worker, sending), _FLUSH)
    worker.periodic_callbacks["kollage-disk"] = PeriodicCallback(draining.look, _LOOK)


def answer_only_what_is_needed(worker: "Worker") -> None:
    """Take away what would run or keep code that somebody sends; plugins bring some of it back."""
    for name in set(worker.handlers) - _HANDLERS:
        del worker.handlers[name]


def name_of(options: Options) -> str:
    """What people call this worker."""
    return options.worker_name or socket.gethostname()


def platforms_of(options: Options) -> tuple[str, ...]:
    """What this host builds for: itself, or what was named, under emulation where it is not itself."""
    return tuple(dict.fromkeys(options.platform.split(","))) if options.platform else (this_platform(),)


def _site(worker: "Worker", options: Options, engine: Engine, sending: Sending, draining: "_Draining") -> Site:
    authority = certs.pair(trust.folder(options), certs.AUTHORITY).certificate if trust.secured(options) else None

    def told(key: str) -> None:
        _flush(worker, sending)
        sending.ended(key)

    return Site(
        options=options,
        engine=engine,
        authority=certs.load(authority) if authority else None,
        holdings=Holdings(options.cache_dir / "pieces", client_of(options), options.retries + 1),
        sending=sending,
        native=this_platform(),
        host=name_of(options),
        address=lambda: worker.address,
        begun=lambda key: worker.log_event(TOPIC, {"key": key, "host": name_of(options)}),
        ended=lambda key: worker.loop.add_callback(told, key),  # on the loop, and so before the result
        mine=_asker(worker),
        drain=draining.drain,
    )


def _flush(worker: "Worker", sending: Sending) -> None:
    for message in sending.batches():
        worker.log_event(TOPIC, dict(message))


class _Draining:
    """Takes a worker out while its disk is full."""

    def __init__(self, worker: "Worker", engine: Engine) -> None:
        self._worker = worker
        self._engine = engine

    def drain(self, reason: str) -> None:
        """Take no more steps. May be said from any thread."""
        tell(f"{reason}: no more steps are taken until there is room")
        self._worker.loop.add_callback(self._set, "paused")

    async def look(self) -> None:
        """Take steps again when there is room."""
        if self._worker.status.name == "paused":
            free = await asyncio.to_thread(self._engine.free_bytes)
            if free >= site.LEAST_FREE:
                self._set("running")

    def _set(self, name: str) -> None:
        from distributed.core import Status

        if self._worker.status.name in {"running", "paused"}:
            self._worker.status = Status[name]


def _asker(worker: "Worker") -> Callable[[str], bool]:
    """A function that asks the scheduler whether a step is still this worker's. For any thread but the loop's."""
    loop: Any = worker.loop

    async def ask(key: str) -> bool:
        found = await worker.scheduler.processing(workers=[worker.address])
        return key in found.get(worker.address, ())

    def mine(key: str) -> bool:
        try:
            return asyncio.run_coroutine_threadsafe(ask(key), loop.asyncio_loop).result(_ASK)
        except Exception:  # noqa: BLE001 - a scheduler that cannot be asked may have given the step to another
            return False

    return mine
