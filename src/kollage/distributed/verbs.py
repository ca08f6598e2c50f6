"""The verbs of many hosts: what `kollage build --scheduler`, `kollage worker` and `kollage certs` do."""

from collections.abc import Sequence
from typing import TextIO

import distributed as _dask  # noqa: F401 - so that its absence is seen here, and told

from kollage.distributed import certs, together, trust, worker
from kollage.distributed.variants import Load
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.output import write


def build(load: Load, options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Build on the workers of a scheduler, tell it to the stream, and return the exit code."""
    return together.build(load, options, argv, stream)


def take_steps(options: Options, stream: TextIO) -> int:
    """Be a worker until somebody ends it, and return the exit code. Raises `UsageError` without a scheduler."""
    if not options.scheduler:
        raise UsageError("nothing says whose worker this is to be", hint="name the scheduler with --scheduler")
    return worker.run(options, stream)


def make_certificates(options: Options, stream: TextIO) -> int:
    """Make the certificates that are missing or end soon, and say which; gives the exit code."""
    folder = trust.folder(options)
    try:
        made = list(certs.make(folder, days=options.days))
    except OSError as error:
        raise UsageError(f"{folder} cannot hold certificates: {error.strerror}", hint="name another folder") from error
    for line in made or [f"{folder}: all certificates hold"]:
        write(f"{line}\n", stream)
    return ExitCode.OK
