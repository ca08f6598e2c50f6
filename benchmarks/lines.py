"""How long is the catalogue? Beside Kolla 23.0.0's templates, in lines that are neither empty nor a comment.

Of Kolla's are counted every Dockerfile.j2 and the macros; of ours every image.toml, every Dockerfile.j2, and what they
share: the frame, the macros and the templates that several images include. What an image.toml says of verification is
counted apart, since Kolla has no counterpart of it. Scripts, sources, repositories and users are in neither.
"""

import re
import statistics
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.peer.conftest import made

from kollage.catalogue import IMAGES, load_catalogue

SHARED = ("frame.j2", "macros.j2", "prometheus/release.j2", "vendor/packages.j2", "vendor/release.j2")
_VERIFY = re.compile(r"\[?verify\b")


def main() -> None:
    """Print the tables."""
    theirs = {path.parent.name: count(path) for path in peer().rglob("Dockerfile.j2")}
    folders = {name: image.folder for name, image in load_catalogue().images.items()}
    facts = {name: _without_proofs(folder / "image.toml") for name, folder in folders.items()}
    templates = {name: count(folder / "Dockerfile.j2") for name, folder in folders.items()}
    shared = sum(count(IMAGES / name) for name in SHARED)
    macros = sum(count(path) for path in peer().glob("*.j2"))
    print("| images | ours | facts | own templates | shared | Kolla's | ours of Kolla's |")
    print("|:-------|-----:|------:|--------------:|-------:|--------:|----------------:|")
    both = folders.keys() & theirs.keys()
    for title, names, beside in (
        (f"the {len(both)} that both have", both, both),
        (f"all {len(folders)} of ours beside all {len(theirs)} of Kolla's", folders, theirs),
    ):
        own = (sum_of(facts, names), sum_of(templates, names), shared)
        kolla = sum_of(theirs, beside) + macros
        print(f"| {title} | {sum(own)} | {' | '.join(map(str, own))} | {kolla} | {sum(own) / kolla:.1%} |")
    whole = [count(folder / "image.toml") for folder in folders.values()]
    plain = sum(not lines for lines in templates.values())
    print(
        f"\nThe median image.toml has {statistics.median(whole):.0f} lines with what it says of verification, ", end=""
    )
    print(f"the longest {max(whole)}; verification is {sum(whole) - sum(facts.values())} lines in all. ", end="")
    print(f"{plain} of {len(folders)} images have no template of their own.")


def peer() -> Path:
    """The folder of Kolla's images."""
    return next(made().glob("lib/python3*/site-packages/kolla/docker"))


def sum_of(lines: Mapping[str, int], names: Iterable[str]) -> int:
    """The lines of some images."""
    return sum(lines[name] for name in names)


def count(path: Path) -> int:
    """The lines of a file that say something; none where it is not there."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return len(_said(re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)))


def _said(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]


def _without_proofs(path: Path) -> int:
    """The lines of an image.toml but those of its verification."""
    lines, statement, table = 0, list[str](), ""
    for line in _said(path.read_text(encoding="utf-8")):
        statement.append(line)
        if _goes_on(statement):
            continue
        table = statement[0] if statement[0].startswith("[") else table
        lines += 0 if _VERIFY.match(table) or _VERIFY.match(statement[0]) else len(statement)
        statement = []
    return lines


def _goes_on(statement: Sequence[str]) -> bool:
    """Whether further lines belong to what was begun."""
    try:
        tomllib.loads("\n".join(statement))
    except tomllib.TOMLDecodeError:
        return True
    return False


if __name__ == "__main__":
    main()
