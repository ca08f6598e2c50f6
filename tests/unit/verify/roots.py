"""A root file system made of a few files, as a `Subject` to be checked."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kollage.image import Account, Image
from kollage.verify import Check, Entry, Runner, Subject

IMAGE = Image(name="nova-api", folder=Path("nova-api"), description="an API", parent="base")


@dataclass(frozen=True)
class File:
    """A file: `size` is only told of, where it is given."""

    content: str | bytes = "#!/bin/sh\n"
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    size: int = -1


Made = File | Entry | str | bytes | None


def program(mode: int = 0o755, *, uid: int = 0) -> File:
    """What a command is."""
    return File(mode=mode, uid=uid)


def folder(mode: int = 0o755, *, uid: int = 0, gid: int = 0) -> Entry:
    """A folder of which nobody needs more than to be told of it."""
    return Entry(mode=stat.S_IFDIR | mode, uid=uid, gid=gid, size=4096)


def link(target: str) -> Entry:
    """A symbolic link."""
    return Entry(mode=stat.S_IFLNK | 0o777, uid=0, gid=0, size=len(target), target=target)


def subject(
    root: Path,
    files: Mapping[str, Made],
    *,
    image: Image = IMAGE,
    configuration: Mapping[str, object] | None = None,
    accounts: Mapping[str, Account] | None = None,
    history: Sequence[str] = (),
    run: Runner = lambda command, text: "",
) -> Subject:
    """An image of those files, None being no file; text is the content of a file that all may read.

    Contents are written below `root`. Who owns a file and its mode are only told, since it is not for every account to
    make such files.
    """
    told: dict[str, Entry] = {}
    for path, made in files.items():
        if made is not None:
            told |= {str(parent): folder() for parent in Path(path).parents if str(parent) not in {"/", *files, *told}}
            told[path] = made if isinstance(made, Entry) else _written(root, path, made)
    looked_at = Subject(
        image=image,
        root=root,
        configuration=configuration or {},
        accounts=accounts or {},
        base="debian",
        history=history,
        run=run,
    )
    looked_at.__dict__["entries"] = told  # where the property keeps what it has read
    return looked_at


def findings(checks: Sequence[Check], looked_at: Subject) -> list[tuple[str, str]]:
    """Which check complains of what."""
    return [(found.check, found.subject) for check in checks for found in check(looked_at)]


def messages(checks: Sequence[Check], looked_at: Subject) -> list[str]:
    """What is said of it."""
    return [f"{found.subject} {found.message}" for check in checks for found in check(looked_at)]


def _written(root: Path, path: str, made: File | str | bytes) -> Entry:
    file = made if isinstance(made, File) else File(made)
    data = file.content.encode() if isinstance(file.content, str) else file.content
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    size = len(data) if file.size < 0 else file.size
    return Entry(mode=stat.S_IFREG | file.mode, uid=file.uid, gid=file.gid, size=size)
