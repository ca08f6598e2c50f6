"""What the build context of an image holds beside its Dockerfile and the archives of its sources."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kollage.errors import RenderError
from kollage.image import Image
from kollage.options import Options
from kollage.releases.pins import laid_over

PATCHES = "patches"
APART = "upper-constraints.txt"  # the constraints of an image that has a set of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFile:
    """A file of the build context."""

    path: str
    content: bytes
    mode: int = 0o644


def context_files(
    image: Image, options: Options, constraints: Path | None, locks: Mapping[str, tuple[Path, Path]]
) -> Iterator[ContextFile]:
    """The files of an image's build context. Raises `RenderError`.

    `constraints` are the release's pinned requirements; `locks`, by the name of a set, its own and the release's.
    """
    own = apt_files(options) if image.parent is None else {}
    for name, path in {**{name: file.path for name, file in image.context.items()}, **own}.items():
        yield _context_file(name, path)
    for source in image.sources:
        if source.type == "release" and constraints:
            yield ContextFile(
                path=f"{source.name}-archive/requirements/upper-constraints.txt",
                content=constraints.read_bytes(),
            )
    yield from _apart(image, locks)
    yield from _patches(image, options)


def _apart(image: Image, locks: Mapping[str, tuple[Path, Path]]) -> Iterator[ContextFile]:
    """The constraints of the image's set, and the release's for what the set does not name."""
    if image.python.constraints in locks:
        own, others = (path.read_text(encoding="utf-8") for path in locks[image.python.constraints])
        yield ContextFile(path=APART, content=laid_over(own, others).encode())


def _context_file(name: str, path: Path) -> ContextFile:
    try:
        executable = path.stat().st_mode & stat.S_IXUSR
        return ContextFile(path=name, content=path.read_bytes(), mode=0o755 if executable else 0o644)
    except OSError as error:
        raise RenderError(f"{path} cannot be read: {error.strerror}", hint="take it away or mend it") from error


def apt_files(options: Options) -> Mapping[str, Path]:
    """The operator's files for apt, under the names that templates know."""
    given = {"sources.list": options.apt_sources_list, "apt_preferences": options.apt_preferences}
    return {name: path for name, path in given.items() if path}


def _patches(image: Image, options: Options) -> Iterator[ContextFile]:
    """The patches that the operator keeps for an image, below patches/, with their series, which may be empty."""
    if options.patches_path is None:
        return
    folder = options.patches_path / image.name
    series = folder / "series"
    if image.whole and not series.exists():  # its patches/ stays as empty as Kolla leaves it
        return
    content = _read(series, f"the series {series}") if series.exists() else b""
    yield ContextFile(path=f"{PATCHES}/series", content=content)
    for name in _named(series, content):
        yield ContextFile(path=f"{PATCHES}/{name}", content=_read(folder / name, f"{series}: names '{name}', which"))


def _named(series: Path, content: bytes) -> Iterator[str]:
    """The patches of a series: one a line; a line that begins with # is a comment."""
    try:
        lines = [line.strip() for line in content.decode().splitlines()]
    except UnicodeDecodeError as error:
        raise RenderError(f"the series {series} is not UTF-8: {error}") from error
    for name in lines:
        if not name or name.startswith("#"):
            continue
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise RenderError(f"{series}: '{name}' is outside the folder of the series", hint="put the patch beside it")
        yield name


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenderError(f"{what} cannot be read: {error.strerror}", hint="check --patches-path") from error
