"""Where fetched archives are kept: a folder of files named by the sha256 of their content.

What is asked for (a key) points to what was got (a digest), so equal content is kept once and every entry can
be checked against its name. An entry is checked each time it is found; a damaged one is removed, as if it had
never been there. Entries appear whole or not at all, and several processes may use one store at once.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage.errors import SourceError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCRATCH = ".scratch-"
_DAY = 24 * 60 * 60  # seconds


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the store: its own sha256, and that of what was downloaded to make it ("" if nothing was)."""

    path: Path
    sha256: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Unused:
    """What nobody has asked for in a while: notes of keys, and the contents that no other key points to."""

    notes: tuple[Path, ...] = ()
    contents: tuple[Path, ...] = ()
    size: int = 0  # bytes of the contents


NOTHING = Unused()


@dataclass(frozen=True, slots=True)
class Store:
    """The store below one folder, which is made when something is kept."""

    root: Path

    def recorded(self, key: str) -> Entry | None:
        """Look up an entry without reading its content: what is there may still turn out to be damaged.

        Its note tells by its time when somebody last asked for it.
        """
        note = self._note(key)
        try:
            facts = json.loads(note.read_text())
            with suppress(OSError):  # a store that is read only, or another user's
                os.utime(note)
            entry = Entry(self._content(facts["sha256"]), facts["sha256"], facts["origin"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):  # not there, or not written by us
            return None
        return entry if _DIGEST.fullmatch(entry.sha256) and entry.path.is_file() else None

    def find(self, key: str) -> Entry | None:
        """Find an entry whose content is what it was; a damaged one is removed."""
        entry = self.recorded(key)
        if entry is None:
            return None
        if digest(entry.path) == entry.sha256:
            return entry
        entry.path.unlink(missing_ok=True)
        self.forget(key)
        return None

    def forget(self, key: str) -> None:
        """Let the next one who asks fetch anew."""
        self._note(key).unlink(missing_ok=True)

    def keep(self, key: str, file: Path, *, origin: str = "") -> Entry:
        """Take a file of `scratch` over under a key."""
        sha256 = digest(file)
        entry = Entry(self._content(sha256), sha256, origin)
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o644)
        file.replace(entry.path)
        note = self._note(key)
        note.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name("note")
        draft.write_text(json.dumps({"key": key, "sha256": sha256, "origin": origin}, indent=1) + "\n")
        draft.replace(note)
        return entry

    def unused(self, days: float) -> Unused:
        """Find what was not asked for in so many days."""
        before = time.time() - days * _DAY
        notes = {note: _named(note) for note in sorted((self.root / "keys").glob("*.json"))}
        old = tuple(note for note in notes if note.stat().st_mtime < before)
        needed = {name for note, name in notes.items() if note not in old}
        contents = sorted((self.root / "files").glob("*"))
        gone = tuple(path for path in contents if path.name not in needed and path.stat().st_mtime < before)
        return Unused(old, gone, sum(path.stat().st_size for path in gone))

    @staticmethod
    def remove(unused: Unused) -> None:
        """Remove what is not used; who asks for it again fetches it again."""
        for path in (*unused.notes, *unused.contents):
            path.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder on the store's own file system, from where `keep` can take a file in one move."""
        self.root.mkdir(parents=True, exist_ok=True)
        for left in self.root.glob(f"{_SCRATCH}*"):  # by a process that was killed
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(dir=self.root, prefix=_SCRATCH) as folder:
            yield Path(folder)

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Let one process or thread at a time fetch what belongs to a key."""
        path = self.root / "locks" / _hash(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            with suppress(OSError):  # a file system without locks: two may fetch the same, which is safe
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _note(self, key: str) -> Path:
        return self.root / "keys" / f"{_hash(key)}.json"

    def _content(self, sha256: str) -> Path:
        return self.root / "files" / sha256


@contextmanager
def store_errors(root: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"the store of sources in {root} cannot be used: {error.strerror or error} ({error.filename})",
            hint="free some space, make it writable, or set cache_dir to another folder",
        ) from error


def digest(path: Path) -> str:
    """Compute the sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _named(note: Path) -> str:
    """The name of the content that a note points to; "" where it is not one of ours."""
    try:
        return str(json.loads(note.read_text())["sha256"])
    except (ValueError, KeyError, TypeError):
        return ""
