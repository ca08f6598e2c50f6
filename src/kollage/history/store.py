"""The file that remembers runs: SQLite in the cache folder, made when it is first written to.

Whatever is wrong with it costs the memory and never a run. A file that is damaged, or that a newer version wrote, is
renamed and made anew; where nothing can be written, what happens is kept in memory alone. Either is told once.
Several runs may use it at once. Runs are ordered by their number, since clocks jump.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from kollage.output import warn

T = TypeVar("T")
Warn = Callable[[str], None]

NAME = "history.db"
VERSION = 1
_LOCK = "history.lock"
_PATIENCE = 10.0  # seconds to wait for another run that writes
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}  # the last: other tables than ours
_BESIDE = ("-wal", "-shm")  # what SQLite keeps next to the file: with a new one it would do harm
_IN_MEMORY = ":memory:"
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    begun TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    exit_code INTEGER,
    command TEXT NOT NULL,
    logs TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT ''
);
CREATE TABLE steps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    target TEXT NOT NULL,
    step TEXT NOT NULL,
    image TEXT NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    size INTEGER NOT NULL,
    log TEXT NOT NULL,
    tail TEXT NOT NULL,
    identity TEXT NOT NULL,
    UNIQUE (run, step)
);
CREATE INDEX done ON steps (target, step, number DESC, seconds, size)
    WHERE status IN ('built', 'pushed', 'verified', 'started');
CREATE INDEX sized ON steps (target, step, number) WHERE size > 0;
CREATE INDEX made ON steps (image, identity, number DESC) WHERE status = 'built';
CREATE TABLE inputs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    image TEXT NOT NULL,
    identity TEXT NOT NULL,
    reference TEXT NOT NULL,
    at TEXT NOT NULL,
    inputs TEXT NOT NULL,
    UNIQUE (image, identity)
);
CREATE INDEX named ON inputs (image, reference, number DESC);
PRAGMA user_version = {VERSION};
COMMIT;
"""


class Store:
    """An open store. It belongs to the thread that opened it."""

    def __init__(self, file: Path, connection: sqlite3.Connection, tell: Warn) -> None:
        self._file = file
        self._connection = connection
        self._tell = tell

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question, or note something; where the store fails, from then on in memory alone."""
        try:
            return question(self._connection)
        except sqlite3.Error as error:
            self._lose(error)
            return question(self._connection)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def _lose(self, error: sqlite3.Error) -> None:
        self.close()
        if _is_damaged(error):
            with suppress(OSError):
                self._tell(_set_aside(self._file, str(error)))
        else:
            self._tell(_lost(self._file, error))
        self._connection = _in_memory()


@contextmanager
def opened(folder: Path, *, create: bool, tell: Warn = warn) -> Iterator[Store]:
    """Open the store of a cache folder. Without `create` one that is not there is empty, and is not made."""
    file = folder / NAME
    store = Store(file, _connection(file, create=create, tell=tell), tell)
    try:
        yield store
    finally:
        store.close()


def _connection(file: Path, *, create: bool, tell: Warn) -> sqlite3.Connection:
    if not create and not os.path.lexists(file):
        return _in_memory()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _alone(file.parent / _LOCK):
            return _opened_or_anew(file, tell)
    except (OSError, sqlite3.Error) as error:
        tell(_lost(file, error))
        return _in_memory()


def _opened_or_anew(file: Path, tell: Warn) -> sqlite3.Connection:
    try:
        return _open(file)
    except _NewerError as error:
        tell(_set_aside(file, str(error)))
    except sqlite3.Error as error:
        if not _is_damaged(error):
            raise
        tell(_set_aside(file, str(error)))
    return _open(file)


class _NewerError(Exception):
    """The file is of a version that this program does not know."""


def _open(file: Path) -> sqlite3.Connection:
    """Open the file and see that it is one of ours. Raises `sqlite3.Error`, `OSError` and `_NewerError`."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # command lines and logs are the user's own affair
    connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
    try:
        _settle(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _settle(connection: sqlite3.Connection) -> None:
    """See that the tables are ours, and make them where there are none."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise _NewerError(f"it is of version {version}, and this program knows {VERSION}")
    if not version:
        connection.executescript(_SCHEMA)
    for newest in ("SELECT * FROM runs", "SELECT * FROM steps", "SELECT * FROM inputs"):
        connection.execute(f"{newest} ORDER BY number DESC LIMIT 1").fetchone()
    connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
    connection.execute("PRAGMA synchronous = NORMAL")


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(_IN_MEMORY, isolation_level=None)
    connection.executescript(_SCHEMA)
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other runs from opening meanwhile: two that find it damaged must not set aside what the other made."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_aside(file: Path, reason: str) -> str:
    """Rename the file, and tell it in a sentence."""
    names = (file.with_name(f"{NAME}.aside{number or ''}") for number in range(1000))
    aside = next(name for name in names if not os.path.lexists(name))
    file.rename(aside)
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            file.with_name(f"{NAME}{ending}").rename(f"{aside}{ending}")
    return f"what was remembered of earlier runs cannot be read ({reason}): it is in {aside} now, and begun anew"


def _lost(file: Path, error: Exception) -> str:
    reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
    return f"runs are not remembered: {file} cannot be used ({reason})"


def _is_damaged(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in _DAMAGED
