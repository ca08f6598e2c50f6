"""A suite of a package archive: its signed release file, and the indexes that it vouches for."""

import binascii
import bz2
import gzip
import lzma
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from kollage import process
from kollage.addresses import public
from kollage.errors import SourceError
from kollage.process import CommandError
from kollage.sources.download import Network, download

Fetch = Callable[[str, str], bytes]  # an address and the sha256 that is expected there -> what is there

_BEGIN = b"-----BEGIN PGP SIGNED MESSAGE-----"
_UNPACK: Mapping[str, Callable[[bytes], bytes]] = {
    ".xz": lzma.decompress,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    "": bytes,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A release file whose signature is good."""

    folder: str  # the address of its folder
    release: str  # its text

    def field(self, name: str) -> str:
        """A line of it; "" where it has none."""
        found = re.search(rf"^{name}: *(.+)$", self.release, re.MULTILINE)
        return found[1].strip() if found else ""

    @property
    def reserve(self) -> bool:
        """Whether nothing is installed from it that was not asked for."""
        return self.field("NotAutomatic").lower() == "yes"

    def promised(self, path: str) -> tuple[str, int] | None:
        """The sha256 and the size of an index; None where the suite has no such index."""
        sums = self.release.partition("\nSHA256:\n")[2]
        found = re.search(rf"^ ([0-9a-f]{{64}}) +(\d+) {re.escape(path)}$", sums, re.MULTILINE)
        return (found[1], int(found[2])) if found else None

    def require(self, name: str, *, dated: bool) -> None:
        """Refuse another suite's file, and one that is too old to be believed unless it is of a dated state.

        Who can keep back what an archive says now could hide updates with either. Raises `SourceError`.
        """
        names = {self.field("Suite"), self.field("Codename")} - {""}
        if names and not name.endswith("/") and name not in names:
            raise SourceError(
                f"{public(self.folder)} gives the release file of {' or '.join(sorted(names))}, not of {name}",
                hint="use another mirror, or name the suite as it calls itself",
            )
        until = self.field("Valid-Until")
        if until and not dated and _moment(until) < datetime.now(UTC):
            raise SourceError(
                f"{public(self.folder)}/InRelease is past its end ({until})",
                hint="use another mirror and see whether the clock is right; "
                "a dated state of an archive needs [check-valid-until=no] in the sources list",
            )


def read_suite(folder: str, keys: Iterable[bytes], network: Network) -> Suite:
    """Fetch a suite's release file and check its signature. Raises `SourceError` for one that is not good."""
    address = f"{folder}/InRelease"
    return Suite(folder=folder, release=_signed_text(_fetched(address, network), keys, address))


def read_packages(suite: Suite, component: str, architecture: str, *, fetch: Fetch) -> str:
    """Fetch the index of a component and check it against the suite's release file.

    "" where the suite has none for that architecture. Raises `SourceError` for one that is not what was promised.
    """
    stem = f"{component}/binary-{architecture}/Packages" if component else "Packages"
    for ending, unpack in _UNPACK.items():
        promised = suite.promised(stem + ending)
        if promised is None:
            continue
        index = fetch(f"{suite.folder}/{stem}{ending}", promised[0])
        if (sha256(index).hexdigest(), len(index)) != promised:
            raise SourceError(
                f"{public(suite.folder)}/{stem}{ending} is not what the suite's signed release file promises",
                hint="the mirror may be in the middle of an update: try again",
            )
        return unpack(index).decode(errors="replace")
    return ""


def straight(network: Network) -> Fetch:
    """A function that fetches and keeps nothing."""
    return lambda address, _digest: _fetched(address, network)


def kept(network: Network, cache: Path) -> Fetch:
    """A function that fetches what is not in the cache yet, and keeps it there by its checksum."""

    def fetch(address: str, digest: str) -> bytes:
        file = cache / digest
        if file.is_file() and sha256(found := file.read_bytes()).hexdigest() == digest:
            return found
        content = _fetched(address, network)
        if sha256(content).hexdigest() == digest:
            _keep(file, content)
        return content

    return fetch


def binary(keyring: bytes) -> bytes:
    """A keyring in the form that gpgv reads: one that is written in letters is unpacked; b"" of what is none."""
    if not keyring.lstrip().startswith(b"-----BEGIN PGP"):
        is_one = keyring[:1] >= b"\x80" or keyring[8:12] == b"KBXf"  # packets, or a box of keys
        return keyring if is_one else b""
    blocks = re.findall(
        r"-----BEGIN PGP PUBLIC KEY BLOCK-----\n(?:[^\n]+: [^\n]*\n)*(.*?)-----END",
        keyring.decode("ascii", "replace").replace("\r", ""),
        re.DOTALL,
    )
    try:
        return b"".join(binascii.a2b_base64(re.sub(r"\n=[^\n]{4}\s*$", "\n", block)) for block in blocks)
    except binascii.Error:
        return b""


def _signed_text(signed: bytes, keys: Iterable[bytes], address: str) -> str:
    """The text that a good signature is for. One good one is enough, as for apt; a bad one is one too many."""
    if not signed.startswith(_BEGIN) or signed.count(_BEGIN) > 1:
        raise SourceError(f"{public(address)} is not one signed text", hint="use another mirror")
    with TemporaryDirectory(prefix="kollage-keys-") as folder:
        text = Path(folder, "text")
        told = _told(Path(folder), signed, keys, text)
        good = any(line.startswith("[GNUPG:] GOODSIG ") for line in told)
        if not good or any(line.startswith("[GNUPG:] BADSIG ") for line in told):
            raise SourceError(
                f"{public(address)} is not signed by a key that is trusted for it",
                hint="see which keyrings belong to the sources list, and whether they are current",
            )
        return text.read_text(encoding="utf-8", errors="replace")


def _told(folder: Path, signed: bytes, keys: Iterable[bytes], text: Path) -> list[str]:
    """What gpgv tells programs of the signatures; nothing where there is no key. It writes what was signed."""
    (folder / "signed").write_bytes(signed)
    named: list[str] = []
    for number, key in enumerate(filter(None, map(binary, keys))):
        (folder / f"{number}.gpg").write_bytes(key)
        named += ["--keyring", str(folder / f"{number}.gpg")]
    if not named:
        return []
    told: list[str] = []
    flags = ["--status-fd", "1", "--output", str(text)]
    with suppress(CommandError):  # it fails where one of several keys is not known; what counts is told
        process.run(["gpgv", *flags, *named, str(folder / "signed")], on_line=told.append)
    return told


def _fetched(address: str, network: Network) -> bytes:
    with TemporaryDirectory(prefix="kollage-index-") as folder:
        file = Path(folder, "page")
        download(address, file, network)
        return file.read_bytes()


def _keep(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, delete=False) as half:
        half.write(content)
    Path(half.name).replace(file)


def _moment(text: str) -> datetime:
    """A date of a release file; one that cannot be read is long over."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
