"""Which blocks there are for overrides to fill, and which of theirs no image has."""

import re
from collections.abc import Iterator

from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue, part
from kollage.facts import nearest
from kollage.options import Options
from kollage.templates import overrides as override_files
from kollage.templates.names import block_names, block_stem
from kollage.templates.overrides import read_template

FRAME = "frame.j2"
# looked for without compiling, which takes a hundred times longer for a whole tree
_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")
_LIKE = 0.8  # less, and names that only end alike would be taken for each other
_IMAGE_BLOCK = re.compile(r"\{%[-+]?\s*image_block\s+(\w+)")


def unknown_blocks(catalogue: Catalogue, options: Options) -> Iterator[str]:
    """A sentence for each block that the operator's files fill and no image has. Raises `RenderError`."""
    environment = SandboxedEnvironment()
    filled = override_files.blocks(environment, options.template_override)
    known = _known(catalogue) if filled else set()
    for name, place in filled.items():
        if name not in known:
            hint = nearest(name, sorted(known), likeness=_LIKE) or "so nothing comes of it"
            yield f"{place}: no image has a block '{name}'; {hint}"


def _known(catalogue: Catalogue) -> set[str]:
    """The blocks of every template of the catalogue, and those that the frame gives each image."""
    texts = [read_template(file.path) for name, file in catalogue.tree.items() if name.endswith(".j2")]
    frame = read_template(part(catalogue.root, FRAME))
    in_frame = [image for image in catalogue.images.values() if not image.whole]
    own = {
        block_names(image).get(name, f"{block_stem(image)}_{name}")
        for image in in_frame
        for name in _IMAGE_BLOCK.findall(frame)
    }
    hooks = {name for image in in_frame for name in (*image.hooks.packages, *image.hooks.python)}
    return {name for text in (*texts, *([frame] if in_frame else ())) for name in _BLOCK.findall(text)} | own | hooks
