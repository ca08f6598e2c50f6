"""An image taken apart: what its bytes are, under several headings."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kollage.rootfs import Root
from kollage.size.owners import Owner, note, owners
from kollage.size.tree import File, Tree

LARGEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one folder, package or distribution has of the whole."""

    name: str
    size: int  # bytes
    files: int
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A content that several files have."""

    size: int  # bytes of one
    paths: tuple[str, ...]

    @property
    def wasted(self) -> int:
        """The bytes of all but one."""
        return self.size * (len(self.paths) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Where the bytes are, the largest first: packages, distributions and what belongs to nobody add up to all."""

    size: int
    files: int
    folders: tuple[Share, ...]
    packages: tuple[Share, ...]
    distributions: tuple[Share, ...]
    unowned: tuple[Share, ...]  # what belongs to nobody, by folder
    duplicates: tuple[Duplicate, ...]
    largest: tuple[File, ...]
    note: str = ""  # what could not be told


def inventory(tree: Tree) -> Inventory:
    """Take a root file system apart."""
    owned = owners(tree)
    shares = list(_by_owner(tree, owned))
    files = tree.files.values()
    return Inventory(
        size=tree.size,
        files=len(tree.names),
        folders=_by_folder(files),
        packages=_sorted(share for kind, share in shares if kind == "package"),
        distributions=_sorted(share for kind, share in shares if kind == "python"),
        unowned=_by_folder(file for file in files if file.path not in owned),
        duplicates=tuple(sorted(_duplicates(tree), key=lambda each: (-each.wasted, each.paths))),
        largest=tuple(sorted(files, key=lambda file: (-file.size, file.path))[:LARGEST]),
        note=note(tree),
    )


def folder_of(path: str) -> str:
    """The folder that a file is counted under: two levels, since nearly all is below /usr and /var."""
    parts = path.split("/")[1:-1]
    return "/" + "/".join(parts[:2])


def _by_folder(files: Iterable[File]) -> tuple[Share, ...]:
    found: dict[str, list[int]] = defaultdict(list)
    for file in files:
        found[folder_of(file.path)].append(file.size)
    return _sorted(Share(name=name, size=sum(sizes), files=len(sizes)) for name, sizes in found.items())


def _by_owner(tree: Tree, owned: Mapping[str, Owner]) -> Iterator[tuple[str, Share]]:
    """The share of each owner with its kind; a distribution that several environments have is one."""
    sizes: dict[tuple[str, str], list[int]] = defaultdict(list)
    versions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, owner in owned.items():
        sizes[owner.kind, owner.name].append(tree.files[path].size)
        versions[owner.kind, owner.name].add(owner.version)
    for (kind, name), each in sizes.items():
        told = ", ".join(sorted(versions[kind, name]))
        yield kind, Share(name=name, size=sum(each), files=len(each), version=told)


def _sorted(shares: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: (-share.size, share.name)))


def _duplicates(tree: Tree) -> Iterator[Duplicate]:
    """Files of one content: of one size first, since only those need to be read."""
    by_size: dict[int, list[str]] = defaultdict(list)
    for file in tree.files.values():
        by_size[file.size].append(file.path)
    for size, paths in by_size.items():
        if size and len(paths) > 1:
            yield from _same_content(tree.root, size, paths)


def _same_content(root: Root, size: int, paths: Iterable[str]) -> Iterator[Duplicate]:
    by_content: dict[bytes, list[str]] = defaultdict(list)
    for path in paths:
        with root.outside(path).open("rb") as file:
            by_content[hashlib.file_digest(file, "sha256").digest()].append(path)
    yield from (Duplicate(size=size, paths=tuple(same)) for same in by_content.values() if len(same) > 1)
