"""Archives that are the same everywhere: sorted, owned by root, dated 1970, and safe to unpack.

A source reaches an image as an uncompressed tar. Equal content gives equal bytes, whoever packed it and
whenever. An archive with a member that would leave its folder, or that is neither file, folder nor link, is
refused with a sentence that names both; nothing is ever unpacked here.
"""

import bz2
import gzip
import hashlib
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from enum import StrEnum
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO, TypeVar, cast

from kollage.errors import SourceError
from kollage.sources.members import LIMITS, Limits, Member, Shape, settle, too_large

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
SKIPPED = frozenset({".git", ".tox", ".venv", "__pycache__"})  # leftovers that no build should depend on

NO_FILES: Mapping[str, bytes] = MappingProxyType({})

_BLOCK = 512  # of a tar file
_LONGEST_PATH = 4096
_CHUNK = 1 << 20
_OPENERS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZSTD = b"\x28\xb5\x2f\xfd"
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,  # zipfile: a compression it does not know
)
_TYPES = {Shape.FILE: tarfile.REGTYPE, Shape.FOLDER: tarfile.DIRTYPE, Shape.SYMLINK: tarfile.SYMTYPE}
_TAR_SHAPES = (
    (tarfile.TarInfo.isreg, Shape.FILE),
    (tarfile.TarInfo.isdir, Shape.FOLDER),
    (tarfile.TarInfo.issym, Shape.SYMLINK),
    (tarfile.TarInfo.islnk, Shape.HARDLINK),
)
_FILE_SHAPES = ((stat.S_ISREG, Shape.FILE), (stat.S_ISDIR, Shape.FOLDER), (stat.S_ISLNK, Shape.SYMLINK))

Thing = TypeVar("Thing")


class Kind(StrEnum):
    """What a file is, judged by its first bytes and not by its name."""

    TAR = "tar"  # compressed or not
    ZIP = "zip"
    PLAIN = "plain"


def kind_of(path: Path, *, label: str = "") -> Kind:
    """Tell what a file is; one that is compressed and breaks off at once is a `SourceError`."""
    label = label or str(path)
    with _explained(label), path.open("rb") as file, _decompressed(file) as content:
        block = content.read(_BLOCK)
    if block.startswith(_ZSTD):
        raise SourceError(f"{label} is compressed with zstd, which is not read here", hint="use gzip or xz")
    if block.startswith(_ZIP):
        return Kind.ZIP
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        empty = len(block) == _BLOCK and not any(block)  # the end of a tar comes first where it holds nothing
        return Kind.TAR if empty else Kind.PLAIN
    return Kind.TAR


def normalise(source: Path, target: Path | None, *, label: str = "", top: str = "", limits: Limits = LIMITS) -> str:
    """Write what a tar or zip holds as a normalised tar and return its sha256; without a target, only that.

    `label` is what messages call the archive. With `top`, its one top directory is given that name.
    """
    label = label or str(source)
    with _explained(label), _members(source, label, limits, scratch=target and target.parent) as members:
        settled = settle(members, label, limits)
        return _write(_below(top, settled, label) if top else settled, target)


def pack(
    folder: Path,
    target: Path | None,
    top: str,
    *,
    extra: Mapping[str, bytes] = NO_FILES,
    limits: Limits = LIMITS,
) -> str:
    """Write a folder as a normalised tar below the directory `top`, and return what `normalise` returns.

    What version control and Python leave behind (`SKIPPED`) stays out; `extra` names files to add, with their
    content.
    """
    label = str(folder)
    added = [
        Member(name=name, mode=0o644, size=len(content), content=partial(BytesIO, content))
        for name, content in extra.items()
    ]
    with _explained(label):
        inside = settle([*_walk(folder), *added], label, limits)
        root = Member(name=top, shape=Shape.FOLDER)
        return _write([root, *(replace(member, name=f"{top}/{member.name}") for member in inside)], target)


def collect(archives: Sequence[Path], target: Path, *, top: str, limits: Limits = LIMITS) -> str:
    """Write what several archives hold as one normalised tar below the directory `top`; return its sha256.

    Each keeps its own top directory. Where two hold the same file the later archive wins. Without any, the
    tar holds `top` alone.
    """
    members = [Member(name=top, shape=Shape.FOLDER)]
    with _explained(str(target)), ExitStack() as stack:
        for archive in archives:
            label = str(archive)
            with _explained(label):
                found = stack.enter_context(_members(archive, label, limits, scratch=target.parent))
                settled = settle(found, label, limits)
            members += [replace(member, name=f"{top}/{member.name}") for member in settled]
        return _write(settle(members, str(target), limits), target)


# reading


@contextmanager
def _members(path: Path, label: str, limits: Limits, *, scratch: Path | None) -> Iterator[Iterable[Member]]:
    """List what an archive says it holds; the contents can be read as long as the context lasts."""
    match kind_of(path, label=label):
        case Kind.TAR:
            with _uncompressed(path, label, limits, scratch=scratch) as file, _open_tar(file) as tar:
                yield _tar_members(tar, file)
        case Kind.ZIP:
            with zipfile.ZipFile(path) as packed:
                yield [_zip_member(packed, info) for info in packed.infolist()]
        case Kind.PLAIN:
            raise SourceError(
                f"{label} is not a tar archive",
                hint="check that its location gives the archive itself and not a page about it",
            )


@contextmanager
def _decompressed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    magic = file.read(6)
    file.seek(0)
    opener = next((opener for start, opener in _OPENERS if magic.startswith(start)), None)
    if opener is None:
        yield file
        return
    with opener(file, "rb") as content:
        yield cast(IO[bytes], content)


@contextmanager
def _uncompressed(path: Path, label: str, limits: Limits, *, scratch: Path | None) -> Iterator[IO[bytes]]:
    """Open the tar itself: members are read out of order, and in a compressed file a step back is slow."""
    with path.open("rb") as file, _decompressed(file) as content, TemporaryFile(dir=scratch) as copy:
        if content is file:
            yield file
            return
        while chunk := content.read(_CHUNK):
            copy.write(chunk)
            if copy.tell() > limits.size:
                raise too_large(label, f"{limits.size:,} bytes")
        copy.seek(0)
        yield copy


def _open_tar(file: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape")


def _tar_members(tar: tarfile.TarFile, file: IO[bytes]) -> Iterator[Member]:
    for info in tar:
        if info.size < 0:  # tarfile of Python 3.11 would go backwards, and on for ever
            raise tarfile.ReadError("a member has a negative size")
        yield Member(
            name=info.name,
            shape=_shape(info, _TAR_SHAPES),
            mode=info.mode,
            size=info.size if info.isreg() else 0,
            link=info.linkname,
            content=partial(_tar_content, tar, info),
        )
    file.seek(tar.offset)
    end = file.read(_BLOCK)
    if len(end) < _BLOCK or any(end):  # tarfile takes a broken header and a missing end for the end
        raise tarfile.ReadError("its end is missing")


def _tar_content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(info)
    if content is None:
        raise tarfile.ReadError(f"'{info.name}' has no content")
    return content


def _zip_member(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.flag_bits & 1:
        raise zipfile.BadZipFile(f"'{info.filename}' is encrypted")
    kind, mode = stat.S_IFMT(info.external_attr >> 16), stat.S_IMODE(info.external_attr >> 16)
    shape = _shape(kind, _FILE_SHAPES) if kind else Shape.FILE
    shape = Shape.FOLDER if info.is_dir() else shape
    content = partial(packed.open, info)
    return Member(
        name=info.filename,
        shape=shape,
        mode=mode or (0o755 if shape is Shape.FOLDER else 0o644),  # a zip made on Windows has no modes
        size=info.file_size if shape is Shape.FILE else 0,
        link=os.fsdecode(content().read(_LONGEST_PATH)) if shape is Shape.SYMLINK else "",
        content=content,
    )


def _walk(folder: Path, below: str = "") -> Iterator[Member]:
    for path in folder.iterdir():
        if path.name in SKIPPED:
            continue
        found = path.lstat()
        shape = _shape(found.st_mode, _FILE_SHAPES)
        if shape is Shape.FOLDER:
            yield from _walk(path, f"{below}{path.name}/")
        yield Member(
            name=below + path.name,
            shape=shape,
            mode=found.st_mode,
            size=found.st_size if shape is Shape.FILE else 0,
            link=str(path.readlink()) if shape is Shape.SYMLINK else "",
            content=partial(_open, path),
        )


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _shape(thing: Thing, shapes: Iterable[tuple[Callable[[Thing], bool], Shape]]) -> Shape:
    return next((shape for holds, shape in shapes if holds(thing)), Shape.OTHER)


# writing


def _below(top: str, members: list[Member], label: str) -> list[Member]:
    """Give the one top directory another name."""
    old = {member.name.partition("/")[0] for member in members}
    if len(old) != 1 or members[0].shape is not Shape.FOLDER:
        raise SourceError(
            f"{label} should hold one top directory and holds {', '.join(sorted(old)) or 'nothing'}",
            hint="it is not what a source distribution looks like; check what was uploaded",
        )
    return [replace(member, name=top + member.name[len(members[0].name) :]) for member in members]


def _write(members: Iterable[Member], target: Path | None) -> str:
    if target is None:
        return _stream(members, None)
    with target.open("wb") as file:
        try:
            return _stream(members, file)
        except BaseException:
            target.unlink()
            raise


class _Hashing:
    """A file that can only be written, hashes what passes and may drop it."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data) if self._file else len(data)


def _stream(members: Iterable[Member], file: IO[bytes] | None) -> str:
    sink = _Hashing(file)
    with tarfile.open(
        fileobj=cast(IO[bytes], sink),
        mode="w|",
        format=tarfile.GNU_FORMAT,
        encoding="utf-8",  # whatever the locale says
        errors="surrogateescape",
    ) as tar:
        for member in members:
            with member.content() if member.shape is Shape.FILE else nullcontext() as content:
                tar.addfile(_info(member), content)
    return sink.digest.hexdigest()


def _info(member: Member) -> tarfile.TarInfo:
    """Make a header without owner and date."""
    info = tarfile.TarInfo(member.name)
    info.type = _TYPES[member.shape]
    info.mode, info.size, info.linkname = member.mode, member.size, member.link
    info.uname = info.gname = "root"
    return info


@contextmanager
def _explained(label: str) -> Iterator[None]:
    """Turn what libraries say about a bad archive into a sentence."""
    try:
        yield
    except _DAMAGE as error:
        raise _damaged(label, error) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report bad content so
            raise _damaged(label, error) from error
        place = f" ({error.filename})" if error.filename else ""
        raise SourceError(
            f"{label}: {error.strerror}{place}",
            hint="check the path, its permissions and the space on the disk",
        ) from error


def _damaged(label: str, error: Exception) -> SourceError:
    return SourceError(
        f"{label} is damaged or incomplete: {error or 'it breaks off'}",
        hint="fetch it again, or make it anew",
    )
