"""The folders of one run, and order after runs that ended badly.

Everything that a run leaves lying about is below one folder of its own, which holds a journal and a lock. The lock
tells whether the run is alive, in whatever container it works. The next run, and the run itself at its end, remove what
belongs to runs that are no more: their folders, and containers that a build was working in. A container is a run's if
the engine knows it by the run's folder; where no engine can tell, as behind a service, one that came since the journal
was written and began with an image of that run is taken for its own.
"""

import fcntl
import json
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kollage import context
from kollage.engines import Engine
from kollage.engines.arguments import RUN_FILE
from kollage.errors import KollageError
from kollage.options import Options

_KEPT_LOGS = 20  # runs
_RUN = "run-"  # how the folder of a run begins
_JOURNAL = "journal.json"
_LOCK = RUN_FILE
_LOGS = re.compile(r"\d{8}-\d{6}-[a-z0-9_]+")  # how the folder of a run's logs is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where a run works."""

    work: Path  # build contexts
    private: Path  # readable by the owner only
    logs: Path


@contextmanager
def opened(options: Options, engine: Engine, images: Collection[str]) -> Iterator[Folders]:
    """Give the folders of this run, and take away at the end what nobody is to keep.

    `images` are those that this run makes containers from: where the engine cannot tell whose a container is, only such
    are ever removed.
    """
    scratch = options.cache_dir / "runs"
    scratch.mkdir(parents=True, exist_ok=True)
    with _locked(scratch / _LOCK):  # so that a run which is only beginning is not taken for a dead one
        _sweep(scratch, engine)
        alive = _alive(scratch)
        private = Path(tempfile.mkdtemp(prefix=_RUN, dir=scratch))
        own = (private / _LOCK).open("w")
        fcntl.flock(own, fcntl.LOCK_EX)
        (private / _JOURNAL).touch()  # from now on it is the folder of a run, whatever happens
    try:
        _write_journal(private, engine, images)
        logs = options.logs_dir or _new_logs(options.cache_dir / "logs", private.name.removeprefix(_RUN), alive)
        logs.mkdir(parents=True, exist_ok=True)
        work = options.work_dir or private / "context"
        context.claim(work / "docker")
        yield Folders(work=work, private=private, logs=logs)
    finally:
        with own, _locked(scratch / _LOCK):
            # what is kept to be looked at has no folder afterwards, so no later run takes it for its own
            _clean(private, engine, alone=_alive(scratch) == {private}, keep=options.keep)


def goes_on(folder: Path) -> bool:
    """Whether the run that works in a folder is alive."""
    return (folder / _LOCK).is_file() and _is_held(folder / _LOCK)


def _sweep(scratch: Path, engine: Engine) -> None:
    """Clean up after runs that were killed."""
    alive = _alive(scratch)
    for folder in _runs(scratch) - alive:
        with suppress(KollageError):  # an engine that runs no containers has left none
            engine.containers().sweep(str(folder))
        _clean(folder, engine, alone=not alive)


def _runs(scratch: Path) -> set[Path]:
    """The folders that runs made: by their name, and by the journal and the lock in them."""
    return {
        folder
        for folder in scratch.glob(f"{_RUN}*")
        if not folder.is_symlink() and (folder / _JOURNAL).is_file() and (folder / _LOCK).is_file()
    }


def _alive(scratch: Path) -> set[Path]:
    return {folder for folder in _runs(scratch) if _is_held(folder / _LOCK)}


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:  # its run has just ended
        return False
    return False


@contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _clean(folder: Path, engine: Engine, *, alone: bool, keep: bool = False) -> None:
    """Remove a run's containers, unless they are kept, and its folder; `alone`: no other run is alive.

    An engine that has ceased to answer keeps them, and takes nothing from what is to be told of the run.
    """
    try:
        if not keep:
            with suppress(KollageError):
                engine.discard(_left(folder, engine, alone=alone))
    finally:  # there are secrets in it
        shutil.rmtree(folder, ignore_errors=True)


def _write_journal(private: Path, engine: Engine, images: Collection[str]) -> None:
    journal = {"before": sorted(engine.unfinished()), "images": sorted(images)}
    (private / _JOURNAL).write_text(json.dumps(journal), encoding="utf-8")


def _left(folder: Path, engine: Engine, *, alone: bool) -> list[str]:
    """The containers that builds of a run have left; they are guessed where the engine cannot tell."""
    own = engine.working_for(folder)
    if own is not None:
        return sorted(own)
    return _guessed(folder, engine) if alone else []  # beside another run they could be that one's


def _guessed(folder: Path, engine: Engine) -> list[str]:
    """Those that came since the run's journal was written and began with one of its images."""
    try:
        noted = json.loads((folder / _JOURNAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # killed before it was written: nothing was begun either
        return []
    images = _all_names(noted["images"], engine)
    return [
        container
        for container, image in engine.unfinished().items()
        if container not in noted["before"] and image in images
    ]


def _all_names(names: Collection[str], engine: Engine) -> set[str]:
    """The names and whatever else the same images are called: an engine shows any one of them."""
    found = (image.references for image in engine.images() if not set(names).isdisjoint(image.references))
    return {*names, *(name for references in found for name in references)}


def _new_logs(parent: Path, run: str, alive: Collection[Path]) -> Path:
    """A folder for this run's logs; those of old runs go, unless they still write."""
    living = tuple(folder.name.removeprefix(_RUN) for folder in alive)
    parent.mkdir(parents=True, exist_ok=True)
    old = sorted(folder for folder in parent.iterdir() if _LOGS.fullmatch(folder.name) and not folder.is_symlink())
    old = [folder for folder in old if not folder.name.endswith(living)]
    for folder in old[: -_KEPT_LOGS + 1]:
        shutil.rmtree(folder, ignore_errors=True)
    return parent / f"{time.strftime('%Y%m%d-%H%M%S')}-{run}"
