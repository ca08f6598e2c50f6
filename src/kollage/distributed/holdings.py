"""What a host has of the contents that travel by digest: each is fetched once, however many steps need it."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kollage.registry import Client, Reference, with_retries
from kollage.registry.content import digest_of, get


@dataclass(frozen=True, slots=True)
class Holdings:
    """The folder of what was fetched, and where the rest comes from."""

    folder: Path
    client: Client
    attempts: int = 4

    def content(self, where: Reference, digests: Sequence[str]) -> bytes:
        """The content that these pieces make."""
        return b"".join(self._piece(where, digest) for digest in digests)

    def _piece(self, where: Reference, digest: str) -> bytes:
        path = self.folder / digest.replace(":", "-")
        with self.locked(digest):
            if path.is_file() and digest_of(content := path.read_bytes()) == digest:
                return content
            content = with_retries(lambda: get(self.client, where, digest), attempts=self.attempts)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_bytes(content)
            draft.replace(path)
            return content

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Let one step of this host at a time fetch what has that name."""
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / sha256(name.encode()).hexdigest()).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
