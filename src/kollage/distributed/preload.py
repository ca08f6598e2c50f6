"""For workers that Dask's own tools start: `dask worker --preload kollage.distributed.preload`.

It makes them what `kollage worker` starts. Settings come from the configuration files and `KOLLAGE_WORKER`, whose words
are flags of `kollage worker`. A scheduler with it reads nothing but this program's values either.
"""

import os
import shlex
from typing import TYPE_CHECKING

from kollage import engines
from kollage.distributed import equipment, narrow
from kollage.options import load_options

if TYPE_CHECKING:
    from distributed import Scheduler, Worker


def dask_setup(server: "Worker | Scheduler") -> None:
    """Equip a worker before it begins; let a scheduler read narrowly."""
    from distributed import Worker

    narrow.install()
    if not isinstance(server, Worker):
        return
    flags = shlex.split(os.environ.get("KOLLAGE_WORKER", ""))
    options = load_options("worker", [f"--scheduler={server.scheduler.address}", *flags], os.environ)
    engine = engines.builder_for(options)
    offered = equipment.resources(options, engine)
    server.state.total_resources.update(offered)
    server.state.available_resources.update(offered)
    equipment.equip(server, options, engine)
