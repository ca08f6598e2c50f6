"""A small package archive in a folder, signed with a key that is made for it."""

import gzip
import hashlib
import lzma
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

PACK: Mapping[str, Callable[[bytes], bytes]] = {".xz": lzma.compress, ".gz": gzip.compress, "": bytes}


@dataclass(frozen=True)
class Signer:
    """Someone with a key."""

    home: Path

    def key(self, *, letters: bool = False) -> bytes:
        """The public key, as bytes or in letters."""
        return self._gpg("--export", *(["--armor"] if letters else []))

    def sign(self, text: str) -> bytes:
        return self._gpg("--clearsign", text=text.encode())

    def _gpg(self, *arguments: str, text: bytes = b"") -> bytes:
        command = ["gpg", "--batch", "--quiet", "--homedir", str(self.home), *arguments]
        return subprocess.run(command, input=text, capture_output=True, check=True).stdout


@contextmanager
def signer(home: Path) -> Iterator[Signer]:
    """Make a key; the agent that gpg starts for it ends with the context."""
    home.mkdir(mode=0o700)
    make = ["gpg", "--batch", "--quiet", "--homedir", str(home), "--passphrase", "", "--quick-gen-key"]
    try:
        subprocess.run([*make, "tests@example.org", "ed25519", "sign", "never"], capture_output=True, check=True)
        yield Signer(home)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env={**os.environ, "GNUPGHOME": str(home)}, check=True)


def moment(days: float) -> str:
    """A time so many days from now, as release files write it."""
    return format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True).replace("GMT", "UTC")


def packages(**versions: str) -> str:
    """A Packages file."""
    return "\n".join(
        f"Package: {name}\nVersion: {version}\nArchitecture: amd64\n" for name, version in versions.items()
    )


def write_suite(
    root: Path,
    by: Signer,
    versions: Mapping[str, str],
    *,
    suite: str = "trixie",
    called: str = "",
    fields: str = "",
    ending: str = ".xz",
) -> str:
    """Write a suite of an archive and give the archive's address."""
    folder = root / "dists" / suite
    index = PACK[ending](packages(**versions).encode())
    name = f"main/binary-amd64/Packages{ending}"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(index)
    release = (
        f"Suite: stable\nCodename: {called or suite}\nDate: {moment(-1)}\n{fields}"
        f"MD5Sum:\n {'0' * 32} {len(index)} {name}\nSHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} {name}\n"
    )
    (folder / "InRelease").write_bytes(by.sign(release))
    return f"file://{root}"
