"""The memory of runs: what was done and how it went, how long each step takes here, and what images were made of."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kollage.history import store
from kollage.history.explain import Inputs, explain, kept
from kollage.history.store import Store, Warn
from kollage.options import Options
from kollage.output import warn

__all__ = ["LAST", "Before", "History", "Inputs", "Made", "Run", "RunStep", "explain", "kept", "opened", "target"]

LAST = 0  # in the place of a run's number
_RUNS = 200  # that are kept
_IDENTITIES = 20  # of each image, whose inputs are kept
_BUILDS = 5  # the last of each step: of these the expected time is the median
_SET_STEP = """
INSERT INTO steps (run, target, step, image, action, status, reason, seconds, size, log, tail, identity)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, step) DO UPDATE SET status = excluded.status, reason = excluded.reason,
seconds = excluded.seconds, size = excluded.size, log = excluded.log, tail = excluded.tail
"""
_FORGET_INPUTS = """
DELETE FROM inputs WHERE image = ?
AND number NOT IN (SELECT number FROM inputs WHERE image = ? ORDER BY number DESC LIMIT ?)
"""
_GET_BEFORE = """
SELECT step, seconds FROM (
    SELECT step, seconds, row_number() OVER (PARTITION BY step ORDER BY number DESC) AS place FROM steps
    WHERE target = ? AND status IN ('built', 'pushed', 'verified', 'started') -- as the index has it
) WHERE place <= ? ORDER BY step, place
"""
_GET_SIZES = """
SELECT step, size FROM steps WHERE number IN (
    SELECT max(number) FROM steps WHERE target = ? AND size > 0 GROUP BY step
)
"""
_GET_MADE = """
SELECT run, begun, steps.seconds, size FROM steps JOIN runs ON runs.number = run
WHERE image = ? AND identity = ? AND status = 'built' ORDER BY steps.number DESC LIMIT 1
"""
_GET_RUNS = "SELECT number, begun, ended, seconds, exit_code, command, logs, folder FROM runs ORDER BY number DESC"
_GET_STEPS = """
SELECT step, image, action, status, reason, seconds, size, log, tail, identity FROM steps WHERE run = ? ORDER BY number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """A step of a run, as it ended."""

    step: str
    image: str
    action: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    size: int = 0  # bytes of the image with its parents; 0 where unknown
    log: str = ""
    tail: tuple[str, ...] = ()  # the last lines of one that failed
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that was begun."""

    number: int
    begun: str  # UTC, as ISO 8601 has it
    ended: str  # "": it runs, or it was killed
    seconds: float
    exit_code: int | None
    command: str
    logs: str
    folder: str  # the folder that it works in while it runs
    counts: Mapping[str, int]  # how many of its steps ended in which way


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How a step went the last times."""

    seconds: tuple[float, ...]  # the newest first; none where what it gives was only reused
    size: int = 0  # bytes of what it gives, with its parents; 0 where unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When an image of some identity was built."""

    run: int
    at: str
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class History:
    """What can be asked and noted."""

    store: Store = field(repr=False)

    def begin(self, command: str) -> int:
        """Note that a run begins, and give its number. Old runs are forgotten."""
        return self.store.ask(partial(_begin, command=command))

    def works_in(self, run: int, *, logs: Path, folder: Path) -> None:
        """Note where a run works."""
        statement = "UPDATE runs SET logs = ?, folder = ? WHERE number = ?"
        self.store.ask(lambda db: db.execute(statement, (str(logs), str(folder), run)))

    def step(self, run: int, target: str, ended: RunStep) -> None:
        """Note how a step ended; once more replaces it. `target` is the base and architecture that it was for."""
        self.store.ask(partial(_step, run=run, target=target, ended=ended))

    def end(self, run: int, *, exit_code: int, seconds: float) -> None:
        """Note that a run ended."""
        statement = "UPDATE runs SET ended = ?, exit_code = ?, seconds = ? WHERE number = ?"
        self.store.ask(lambda db: db.execute(statement, (_now(), exit_code, max(seconds, 0.0), run)))

    def remember(self, image: str, identity: str, reference: str, inputs: Mapping[str, object]) -> None:
        """Keep what an image was built from."""
        self.store.ask(partial(_remember, image=image, identity=identity, reference=reference, inputs=inputs))

    def inputs(self, image: str, identity: str) -> Inputs | None:
        """What an image of that identity was built from."""
        return self.store.ask(partial(_inputs, image=image, identity=identity))

    def identity(self, image: str, reference: str) -> str:
        """The identity that was last built here under a name; "" if none."""
        query = "SELECT identity FROM inputs WHERE image = ? AND reference = ? ORDER BY number DESC LIMIT 1"
        row = self.store.ask(lambda db: db.execute(query, (image, reference)).fetchone())
        return str(row[0]) if row else ""

    def before(self, target: str) -> Mapping[str, Before]:
        """How every step went the last times that it ended well, and the size of what it gave, by its id."""
        return self.store.ask(partial(_before, target=target))

    def made(self, image: str, identity: str) -> Made | None:
        """When an image of that identity was last built here."""
        return self.store.ask(partial(_made, image=image, identity=identity))

    def runs(self) -> tuple[Run, ...]:
        """Every run that is remembered, the newest first."""
        return self.store.ask(_runs)

    def run(self, number: int) -> Run | None:
        """One run, or with `LAST` the newest."""
        return next((run for run in self.runs() if number in {run.number, LAST}), None)

    def steps(self, run: int) -> tuple[RunStep, ...]:
        """The steps of a run, in the order of their ends."""
        return self.store.ask(partial(_steps, run=run))


def target(options: Options) -> str:
    """What images are made for: times of other bases and architectures say nothing about them."""
    return f"{options.base}-{options.base_arch}"


@contextmanager
def opened(folder: Path, *, create: bool = False, tell: Warn = warn) -> Iterator[History]:
    """Open the memory of a cache folder; see `kollage.history.store`."""
    with store.opened(folder, create=create, tell=tell) as found:
        yield History(found)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _begin(db: sqlite3.Connection, *, command: str) -> int:
    row = db.execute("INSERT INTO runs (begun, command) VALUES (?, ?) RETURNING number", (_now(), command)).fetchone()
    db.execute("DELETE FROM runs WHERE number NOT IN (SELECT number FROM runs ORDER BY number DESC LIMIT ?)", (_RUNS,))
    db.execute("DELETE FROM steps WHERE run < (SELECT min(number) FROM runs)")
    return int(row[0])


def _step(db: sqlite3.Connection, *, run: int, target: str, ended: RunStep) -> None:
    what = (run, target, ended.step, ended.image, ended.action, ended.status, ended.reason)
    how = (max(ended.seconds, 0.0), ended.size, ended.log, json.dumps(ended.tail), ended.identity)
    db.execute(_SET_STEP, (*what, *how))


def _remember(
    db: sqlite3.Connection, *, image: str, identity: str, reference: str, inputs: Mapping[str, object]
) -> None:
    text = json.dumps(kept(inputs), sort_keys=True)
    db.execute(
        "INSERT OR REPLACE INTO inputs (image, identity, reference, at, inputs) VALUES (?, ?, ?, ?, ?)",
        (image, identity, reference, _now(), text),
    )
    db.execute(_FORGET_INPUTS, (image, image, _IDENTITIES))


def _inputs(db: sqlite3.Connection, *, image: str, identity: str) -> Inputs | None:
    query = "SELECT inputs FROM inputs WHERE image = ? AND identity = ?"
    row = db.execute(query, (image, identity)).fetchone()
    return dict(json.loads(row[0])) if row else None


def _before(db: sqlite3.Connection, *, target: str) -> Mapping[str, Before]:
    sizes = dict(db.execute(_GET_SIZES, (target,)))
    times: dict[str, list[float]] = {}
    for step, seconds in db.execute(_GET_BEFORE, (target, _BUILDS)):
        times.setdefault(step, []).append(seconds)
    steps = times.keys() | sizes.keys()
    found = {step: Before(seconds=tuple(times.get(step, ())), size=sizes.get(step, 0)) for step in steps}
    return MappingProxyType(found)


def _made(db: sqlite3.Connection, *, image: str, identity: str) -> Made | None:
    row = db.execute(_GET_MADE, (image, identity)).fetchone()
    return Made(run=row[0], at=row[1], seconds=row[2], size=row[3]) if row else None


def _runs(db: sqlite3.Connection) -> tuple[Run, ...]:
    counts: dict[int, dict[str, int]] = {}
    for run, status, count in db.execute("SELECT run, status, count(*) FROM steps GROUP BY run, status"):
        counts.setdefault(run, {})[status] = count
    return tuple(Run(**row, counts=counts.get(row["number"], {})) for row in _rows(db.execute(_GET_RUNS)))


def _steps(db: sqlite3.Connection, *, run: int) -> tuple[RunStep, ...]:
    rows = _rows(db.execute(_GET_STEPS, (run,)))
    return tuple(RunStep(**{**row, "tail": tuple(json.loads(row["tail"]))}) for row in rows)


def _rows(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
