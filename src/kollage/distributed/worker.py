"""`kollage worker`: a build host that takes steps from a scheduler, as a worker of Dask that takes nothing else."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from kollage import engines, forecast, process
from kollage.distributed import equipment, narrow, trust
from kollage.distributed.reach import Away, require_scheduler
from kollage.engines import Engine
from kollage.options import Options
from kollage.output import write

if TYPE_CHECKING:
    from distributed import Security

_AGAIN = 2.0  # seconds before a lost scheduler is looked for again
_FIRST = 60.0  # seconds for a scheduler to answer before the worker begins anew


def run(options: Options, stream: TextIO) -> int:
    """Take steps until somebody ends it; a scheduler that goes away is waited for. Never returns."""
    address = trust.address(options)
    security = trust.security(options, "worker")
    engine = engines.builder_for(options)
    narrow.install()
    logging.getLogger("distributed").setLevel(logging.ERROR)
    say = partial(_say, stream)
    try:
        require_scheduler(address, security, "worker")
        asyncio.run(_serve(options, engine, address, security, say))
    except (OSError, RuntimeError) as error:  # Dask's own way to say that it did not begin
        say(f"{address}: {_reason(error)}")
    except Away as error:
        say(error.message)
    finally:
        process.end_all()
    say("the scheduler is away; looking for it again")
    time.sleep(_AGAIN)
    # begin anew: what ran is ended, and nothing of before is left in this process
    os.execv(sys.executable, [sys.executable, "-m", "kollage", *sys.argv[1:]])  # noqa: S606 - this program itself


def _say(stream: TextIO, text: str) -> None:
    write(f"{text}\n", stream)


def _reason(error: BaseException) -> str:
    return str(error.__cause__ or error) or type(error).__name__


async def _serve(
    options: Options, engine: Engine, address: str, security: "Security | None", say: Callable[[str], None]
) -> None:
    from distributed import Worker

    with TemporaryDirectory(prefix="kollage-worker-") as folder:
        worker = Worker(
            address,
            nthreads=sum(forecast.slots(options).values()),
            name=f"{equipment.name_of(options)}-{os.urandom(3).hex()}",  # one that is back is not the one that went
            resources=equipment.resources(options, engine),
            security=security,
            memory_limit=0,
            local_directory=folder,
            dashboard=False,
            preload=[],
            preload_argv=[],
            death_timeout=_FIRST,
        )
        equipment.equip(worker, options, engine)
        try:
            await worker
            equipment.answer_only_what_is_needed(worker)
            platforms = ", ".join(equipment.platforms_of(options))
            say(f"worker {equipment.name_of(options)} takes steps for {platforms} from {address}, with {engine.name}")
            await worker.finished()
        finally:
            process.end_all()
            with suppress(Exception):  # it may have gone already
                await worker.close(timeout=2, executor_wait=False)
