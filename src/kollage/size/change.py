"""What is different between two images: what grew and shrank, what came and what went."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kollage.size.inventory import Inventory, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A package, a Python distribution, or a folder of files that belong to nobody, before and after."""

    kind: str  # package, python or folder
    name: str
    before: Share | None
    after: Share | None

    @property
    def size(self) -> int:
        """By how many bytes it grew; below 0 where it shrank."""
        return (self.after.size if self.after else 0) - (self.before.size if self.before else 0)

    @property
    def what(self) -> str:
        """What became of it, in a word."""
        if self.before is None:
            return "came"
        if self.after is None:
            return "went"
        if self.size:
            return "grew" if self.size > 0 else "shrank"
        return "changed"


def changes(before: Inventory, after: Inventory) -> tuple[Change, ...]:
    """What is different, the most bytes first; what differs in neither size nor version is left out."""
    found = (
        *_paired("package", before.packages, after.packages),
        *_paired("python", before.distributions, after.distributions),
        *_paired("folder", before.unowned, after.unowned),
    )
    return tuple(sorted(found, key=lambda change: (-abs(change.size), change.kind, change.name)))


def _paired(kind: str, before: Sequence[Share], after: Sequence[Share]) -> Iterator[Change]:
    old, new = ({share.name: share for share in shares} for shares in (before, after))
    for name in sorted({*old, *new}):
        change = Change(kind=kind, name=name, before=old.get(name), after=new.get(name))
        if change.size or _version(change.before) != _version(change.after):
            yield change


def _version(share: Share | None) -> str | None:
    return share.version if share else None
