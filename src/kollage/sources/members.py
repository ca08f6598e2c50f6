"""The members of an archive, and which of them are safe to unpack.

`settle` turns what an archive lists into what unpacking it would leave behind: one member a name, every
folder there, sorted. It is the one place that refuses, so what comes out of it
can be unpacked without a second look.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from itertools import takewhile
from typing import IO

from kollage.errors import SourceError


class Shape(StrEnum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"
    OTHER = "device, pipe or socket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of an archive or a folder; `content` opens the bytes of a file."""

    name: str
    shape: Shape = Shape.FILE
    mode: int = 0o755
    size: int = 0
    link: str = ""
    content: Callable[[], IO[bytes]] = BytesIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an archive may unpack to before it is taken for a trap."""

    members: int = 500_000
    size: int = 4 << 30  # bytes


LIMITS = Limits()


def settle(members: Iterable[Member], label: str, limits: Limits = LIMITS) -> list[Member]:
    """Return what unpacking these members one after the other would leave behind, sorted by name.

    A later member replaces an earlier one of the same name, and a hard link becomes the file it points to.
    Raises `SourceError`, naming the archive as `label` says and the member, for what would not stay inside.
    """
    tree: dict[str, Member] = {}
    for count, member in enumerate(members):
        if count >= limits.members:
            raise too_large(label, f"{limits.members:,} members")
        settled = _settled(member, tree, label)
        if settled.name:  # the archive's own root, "./", says nothing
            tree[settled.name] = settled
    if sum(member.size for member in tree.values()) > limits.size:
        raise too_large(label, f"{limits.size:,} bytes")
    for name in [*tree]:
        _add_parents(name, tree, label)
    return [tree[name] for name in sorted(tree, key=lambda name: name.split("/"))]


def too_large(label: str, limit: str) -> SourceError:
    """Refuse an archive that unpacks to more than is sane."""
    return SourceError(
        f"{label} unpacks to more than {limit}",
        hint="it is damaged or made to fill the disk; use a smaller one",
    )


def _settled(member: Member, tree: dict[str, Member], label: str) -> Member:
    name = _inside(member.name, member, label)
    match member.shape:
        case Shape.FOLDER:
            return Member(name=name, shape=Shape.FOLDER, mode=member.mode & 0o755 | 0o700)
        case _ if not name:
            raise _refusal(member, "has no name", label)
        case Shape.FILE:
            return replace(member, name=name, mode=member.mode & 0o755 | 0o600, link="")
        case Shape.SYMLINK:
            return _symlink(name, member, label)
        case Shape.HARDLINK:
            return _linked(name, member, tree, label)
        case Shape.OTHER:
            raise _refusal(member, f"is a {Shape.OTHER}", label)


def _inside(path: str, member: Member, label: str) -> str:
    """Spell a path as every tool reads it, relative to the archive's root."""
    if path.startswith("/") or "\0" in path:
        raise _refusal(member, f"names '{path}', which is not a relative path", label)
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise _refusal(member, f"names '{path}', which may lead outside", label)
    return "/".join(parts)


def _symlink(name: str, member: Member, label: str) -> Member:
    """Accept a symbolic link whose target is inside.

    Its ".." may only stand in front: there they count real folders, since no member lies below a link.
    Behind a name, which can be a link itself, they could lead anywhere.
    """
    target = member.link
    if not target or target.startswith("/") or "\0" in target:
        raise _refusal(member, f"points to '{target}', which is not a relative path", label)
    parts = [part for part in target.split("/") if part not in {"", "."}]
    up = len([*takewhile(lambda part: part == "..", parts)])
    if up > name.count("/") or ".." in parts[up:]:
        raise _refusal(member, f"points to '{target}', which may lead outside", label)
    return Member(name=name, shape=Shape.SYMLINK, mode=0o777, link="/".join(parts) or ".")


def _linked(name: str, member: Member, tree: dict[str, Member], label: str) -> Member:
    """Put what a hard link points to in its place, so that the members can be sorted."""
    target = tree.get(_inside(member.link, member, label))
    if target is None or target.shape is Shape.FOLDER:
        raise _refusal(member, f"is a hard link to '{member.link}', which is no file before it", label)
    return _symlink(name, target, label) if target.shape is Shape.SYMLINK else replace(target, name=name)


def _add_parents(name: str, tree: dict[str, Member], label: str) -> None:
    while "/" in name:
        child, name = name, name.rpartition("/")[0]
        parent = tree.setdefault(name, Member(name=name, shape=Shape.FOLDER))
        if parent.shape is not Shape.FOLDER:
            raise _refusal(tree[child], f"lies below '{name}', which is a {parent.shape}", label)


def _refusal(member: Member, why: str, label: str) -> SourceError:
    return SourceError(
        f"{label}: its member '{member.name}' {why}",
        hint="it is not safe to unpack: see where it comes from, or make an archive without that member",
    )
