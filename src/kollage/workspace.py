"""The folders of one run, and order after runs that ended badly.

Everything that a run leaves lying about is below one folder named after its process. The next run, and the run itself
at its end, remove what belongs to processes that are no more: folders, and containers that a build was working in.
"""

import json
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kollage.engines import Engine
from kollage.options import Options

_KEPT_LOGS = 20  # runs
_JOURNAL = "containers.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where a run works."""

    work: Path  # build contexts
    private: Path  # readable by the owner only
    logs: Path


@contextmanager
def opened(options: Options, engine: Engine, parents: Collection[str]) -> Iterator[Folders]:
    """Give the folders of this run, and take away at the end what nobody is to keep.

    `parents` are the images that this run's builds begin with: only containers made from them are ever removed.
    """
    scratch = options.cache_dir / "work"
    scratch.mkdir(parents=True, exist_ok=True)
    _sweep(scratch, engine)
    private = scratch / str(os.getpid())
    private.mkdir(mode=0o700)
    _write_journal(private, engine, parents)
    logs = options.logs_dir or _new_logs(options.cache_dir / "logs")
    logs.mkdir(parents=True, exist_ok=True)
    try:
        yield Folders(work=options.work_dir or private / "context", private=private, logs=logs)
    finally:
        _clean(private, engine, alone=len(_alive(scratch)) == 1)


def _sweep(scratch: Path, engine: Engine) -> None:
    """Clean up after runs that were killed."""
    alive = _alive(scratch) - {scratch / str(os.getpid())}  # in a container each run may get the same number
    for folder in scratch.iterdir():
        if folder not in alive:
            _clean(folder, engine, alone=not alive)


def _alive(scratch: Path) -> set[Path]:
    return {folder for folder in scratch.iterdir() if Path("/proc", folder.name).exists()}


def _clean(folder: Path, engine: Engine, *, alone: bool) -> None:
    """Remove a run's containers and folder; beside another run the containers could be that one's, so they stay."""
    try:
        if alone:
            engine.discard(_left(folder / _JOURNAL, engine))
    finally:  # there are secrets in it
        shutil.rmtree(folder, ignore_errors=True)


def _write_journal(private: Path, engine: Engine, parents: Collection[str]) -> None:
    journal = {"before": sorted(engine.unfinished()), "parents": sorted(parents)}
    (private / _JOURNAL).write_text(json.dumps(journal), encoding="utf-8")


def _left(journal: Path, engine: Engine) -> list[str]:
    """The containers that came since the journal was written and began with one of its images."""
    try:
        noted = json.loads(journal.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # killed before it was written: nothing was begun either
        return []
    parents = _all_names(noted["parents"], engine)
    return [
        container
        for container, image in engine.unfinished().items()
        if container not in noted["before"] and image in parents
    ]


def _all_names(names: Collection[str], engine: Engine) -> set[str]:
    """The names and whatever else the same images are called: an engine shows any one of them."""
    found = (image.references for image in engine.images() if not set(names).isdisjoint(image.references))
    return {*names, *(name for references in found for name in references)}


def _new_logs(parent: Path) -> Path:
    """A folder for this run's logs; those of old runs go."""
    parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(parent.iterdir())[: -_KEPT_LOGS + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return parent / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
