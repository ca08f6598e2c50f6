"""How the sizes of images read: tables for people, plain data for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from kollage.report.events import clean
from kollage.report.events import size as in_megabytes
from kollage.report.sheet import Row, Table, written
from kollage.size import Change, Inventory, Share

_MOST = 20  # rows of a table for people; programs get them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An image with its bytes."""

    name: str
    reference: str
    size: int  # as the engine's store counts, with its parents
    own: int | None = None  # above its parent, where the store has that
    parent: str = ""
    files: int = 0
    inside: int = 0  # bytes of the files that can be seen in it
    inventory: Inventory | None = None  # where details are wanted


def sizes_text(images: Sequence[Weighed], *, terminal: bool = False) -> str:
    """Write a line for each image, and below it what the bytes are of those that were taken apart."""
    cells = tuple(
        (each.name, size(each.size), "" if each.own is None else signed(each.own), f"{each.files:,}", size(each.inside))
        for each in images
    )
    blocks: list[Table | Row] = [Table(("image", "size", "own", "files", "in files"), cells)]
    for each in images:
        if each.inventory:
            blocks += [[], [(clean(each.name), "bold")], *_details(each.inventory)]
    return written(blocks, terminal=terminal)


def sizes_json(images: Sequence[Weighed]) -> dict[str, object]:
    """The same as plain data, whole."""
    return {"images": [asdict(each) for each in images]}


def changes_text(
    names: Sequence[str], before: Inventory, after: Inventory, found: Sequence[Change], *, terminal: bool = False
) -> str:
    """Write what is different, and by how much the whole is."""
    cells = tuple(
        (each.name, each.kind, each.what, signed(each.size), _versions(each.before, each.after)) for each in found
    )
    total = f"{size(before.size)} in {before.files:,} files before, {size(after.size)} in {after.files:,} after"
    table = Table(("name", "kind", "what", "by", "version"), cells)
    blocks: list[Table | Row] = [[(clean(f"from {names[0]}"), "")], [(clean(f"to {names[1]}"), "")], []]
    blocks += [table, []] if cells else [[("no difference", "")], []]
    notes = dict.fromkeys(each.note for each in (before, after) if each.note)
    last: list[Row] = [[(f"{signed(after.size - before.size)}: {total}", "")], *_notes(notes)]
    return written([*blocks, *last], terminal=terminal)


def changes_json(
    names: Sequence[str], before: Inventory, after: Inventory, found: Sequence[Change]
) -> dict[str, object]:
    """The same as plain data."""
    return {
        "before": {"image": names[0], "size": before.size, "files": before.files},
        "after": {"image": names[1], "size": after.size, "files": after.files},
        "changes": [{**asdict(each), "size": each.size, "what": each.what} for each in found],
        "notes": sorted({each.note for each in (before, after)} - {""}),
    }


def size(count: int) -> str:
    """Write a number of bytes, what is small in kB."""
    return in_megabytes(count) if count >= 95_000 else f"{count / 1e3:.0f} kB" if count >= 950 else f"{count} B"


def signed(count: int) -> str:
    """Write by how many bytes something differs."""
    return f"{'-' if count < 0 else '+'}{size(abs(count))}"


def _details(found: Inventory) -> list[Table | Row]:
    shares = (
        ("folder", "", found.folders),
        ("package", "packages of the distribution", found.packages),
        ("python distribution", "Python distributions", found.distributions),
        ("belongs to nobody, in", "what belongs to nobody", found.unowned),
    )
    blocks: list[Table | Row] = []
    for title, what, rows in shares:
        blocks += _shares(title, what, rows)
    blocks += _duplicates(found)
    largest = tuple((file.path, size(file.size)) for file in found.largest)
    blocks += [[], Table(("largest file", "size"), largest)] if largest else []
    return [*blocks, *_notes([found.note] if found.note else [])]


def _shares(title: str, what: str, shares: Sequence[Share]) -> list[Table | Row]:
    if not shares:
        return []
    cells = [(each.name, each.version, size(each.size), f"{each.files:,}") for each in shares[:_MOST]]
    left = shares[_MOST:]
    if left:
        more = sum(share.size for share in left), sum(share.files for share in left)
        cells.append((f"and {len(left)} more", "", size(more[0]), f"{more[1]:,}"))
    whole = size(sum(share.size for share in shares))
    total: list[Row] = [[(f"{what}: {whole}", "")]] if what else []
    return [[], *total, Table((title, "version", "size", "files"), tuple(cells))]


def _duplicates(found: Inventory) -> list[Table | Row]:
    if not found.duplicates:
        return []
    wasted = size(sum(each.wasted for each in found.duplicates))
    cells = tuple(
        (each.paths[0], size(each.wasted), f"{len(each.paths)}", ", ".join(each.paths[1:3]) + _more(each.paths[3:]))
        for each in found.duplicates[:_MOST]
    )
    count = len(found.duplicates)
    contents = "1 content is" if count == 1 else f"{count:,} contents are"
    title: Row = [(f"{contents} there more than once, {wasted} too much", "")]
    return [[], title, Table(("duplicate", "size", "times", "the same as"), cells)]


def _more(paths: Sequence[str]) -> str:
    return f" and {len(paths)} more" if paths else ""


def _versions(before: Share | None, after: Share | None) -> str:
    old, new = (share.version if share else "" for share in (before, after))
    return new if old == new else f"{old or '-'} -> {new or '-'}" if old or new else ""


def _notes(notes: Iterable[str]) -> list[Row]:
    return [[(clean(f"note: {note}"), "yellow")] for note in notes]
