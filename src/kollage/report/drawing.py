"""What stands on what, as a drawing: a text for Graphviz or Mermaid, or the picture that Graphviz makes of it.

The ending of the file says which. Drawings of the same images are the same, in whatever order these came.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage import process
from kollage.errors import EngineError, UsageError

Parents = Mapping[str, str | None]

_PICTURES = {".svg": "svg", ".png": "png"}


def draw(parents: Parents, path: Path) -> None:
    """Write a drawing of images and their parents; an ending that is not known gets Graphviz text, as Kolla writes.

    Raises `UsageError` where the file cannot be written and where Graphviz is needed and missing.
    """
    ending = path.suffix.lower()
    try:
        if ending in _PICTURES:
            _paint(parents, path, _PICTURES[ending])
        else:
            path.write_text(mermaid(parents) if ending == ".mmd" else graphviz(parents), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the drawing cannot be written to {path}: {error.strerror}",
            hint="name a file in a folder that is there and that you may write to",
        ) from error


def graphviz(parents: Parents) -> str:
    """Write the images in the language of Graphviz, from left to right."""
    lines = [
        "digraph {",
        "    rankdir=LR",
        "    node [shape=box]",
        *(f"    {_quoted(name)}" for name in sorted(parents)),
        *(f"    {_quoted(parent)} -> {_quoted(name)}" for parent, name in _edges(parents)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def mermaid(parents: Parents) -> str:
    """Write the images as a flowchart of Mermaid, from left to right."""
    edges = _edges(parents)
    # a name may be a word of Mermaid's own, such as `end`, so what edges join is numbered
    numbers = {name: f"n{number}" for number, name in enumerate(sorted({*parents, *(edge[0] for edge in edges)}))}
    lines = [
        "flowchart LR",
        *(f'    {number}["{_escaped(name)}"]' for name, number in numbers.items()),
        *(f"    {numbers[parent]} --> {numbers[name]}" for parent, name in edges),
    ]
    return "\n".join(lines) + "\n"


def _edges(parents: Parents) -> list[tuple[str, str]]:
    return sorted((parent, name) for name, parent in parents.items() if parent)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(name: str) -> str:
    return name.replace("#", "#35;").replace('"', "#quot;")


def _paint(parents: Parents, path: Path, kind: str) -> None:
    """Have Graphviz make the picture; what it works with lies beside the picture, where it may be written to."""
    with TemporaryDirectory(prefix=".kollage-", dir=path.parent) as folder:
        text, picture = Path(folder, "images.dot"), Path(folder, f"images.{kind}")
        text.write_text(graphviz(parents), encoding="utf-8")
        try:
            process.run(["dot", f"-T{kind}", f"-o{picture}", str(text)])
        except EngineError as error:  # it could not even be started
            raise UsageError(
                f"{path.name} needs Graphviz: {error.message}", hint="install graphviz, or write .dot"
            ) from error
        path.write_bytes(picture.read_bytes())
