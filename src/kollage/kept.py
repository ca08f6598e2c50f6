"""What was worked out before, kept between runs: values that the same files and settings give again.

A value is found by a key of everything that it depends on, the program itself among it, so that nothing has to be
thrown away on purpose. It lies in a folder that this user alone can write to, with a checksum before it; what cannot be
read back is as good as none, and what cannot be written costs time only.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kollage.folders import names_below

_OF_SHELLS = {"_", "OLDPWD", "PWD", "SHLVL"}
_DIGEST = 32  # bytes of a checksum, which stands before the value
_OWN = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Values of one kind, a file each."""

    folder: Path
    most: int  # values that stay; the oldest go

    def read(self, key: str) -> bytes | None:
        """The value that was kept under a key."""
        folder = private(self.folder)
        try:
            content = (folder / key).read_bytes() if folder else b""
        except OSError:
            return None
        value = content[_DIGEST:]
        return value if hashlib.sha256(value).digest() == content[:_DIGEST] else None

    def write(self, key: str, value: bytes) -> None:
        """Keep a value, all of it or nothing, and forget the oldest."""
        folder = private(self.folder)
        if not folder:
            return
        with suppress(OSError):
            with tempfile.NamedTemporaryFile("wb", dir=folder, prefix="part-", delete=False) as file:
                file.write(hashlib.sha256(value).digest() + value)
            Path(file.name).replace(folder / key)
            found = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for old in found[self.most :]:
                old.unlink()


def private(folder: Path) -> Path | None:
    """The folder, made where it is missing, if this user alone can write to it; what lies there is trusted.

    One whose place depends on where the program is started is none.
    """
    if not folder.is_absolute():
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    own = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return folder if own and os.access(folder, os.W_OK) else None


def key_of(parts: Iterable[bytes]) -> str:
    """One key for many inputs, in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def stamp(path: str | Path) -> bytes:
    """What tells a file from an earlier state of it, without reading it; nothing for one that is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a thousand paths are too many for objects
    except OSError:
        return b""
    # the time of the last change is no one's to set, unlike that of the last writing
    return b"%s %d %d %d %d" % (os.fsencode(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def states_below(roots: Iterable[Path]) -> Iterator[bytes]:
    """The state of every file below some folders."""
    for root in roots:
        yield os.fsencode(root.absolute())
        for name in names_below(root):
            yield name.encode(errors="surrogateescape")
            yield stamp(os.path.join(root, name))  # noqa: PTH118 - see `stamp`


def surroundings(environ: Mapping[str, str]) -> bytes:
    """The environment, but for what changes with every command and decides nothing."""
    return repr(sorted(item for item in environ.items() if item[0] not in _OF_SHELLS)).encode(errors="surrogateescape")


def program(*packages: str) -> Iterator[bytes]:
    """The state of the program: its own modules, and those of some of its packages."""
    for pattern in ("*.py", *(f"{package}/*.py" for package in packages)):
        yield from map(stamp, sorted(_OWN.glob(pattern)))
