"""What overrides fill or set in vain, most often because a name has a mistake."""

import re
from collections.abc import Iterable, Iterator

from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue, part
from kollage.facts import nearest
from kollage.options import Options
from kollage.templates import overrides as override_files
from kollage.templates.frame import FRAME
from kollage.templates.names import block_names, block_stem, list_stem
from kollage.templates.overrides import read_template

# looked for without compiling, which takes a hundred times longer for a whole tree
_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")
_IMAGE_BLOCK = re.compile(r"\{%[-+]?\s*image_block\s+(\w+)")
_KIND = re.compile(r"customizable\(\s*[\"'](\w+)")
_CHANGE = re.compile(r"(\w+)_(?:append|remove|override)")
_LIKE = 0.8  # less, and names that only end alike would be taken for each other


def mistakes(catalogue: Catalogue, options: Options) -> Iterator[str]:
    """A sentence for each block and each list of the operator's files that no image has. Raises `RenderError`."""
    files = options.template_override
    said = override_files.parsed(SandboxedEnvironment(), files)
    texts = _templates(catalogue)
    yield from _in_vain("block", override_files.blocks(said, files).items(), _blocks(catalogue, texts))
    names = override_files.variables(said, files)
    lists = [(found[1], place) for name, place in names.items() if (found := _CHANGE.fullmatch(name))]
    yield from _in_vain("list", lists, _lists(catalogue, texts))


def _in_vain(what: str, names: Iterable[tuple[str, str]], known: set[str]) -> Iterator[str]:
    """A sentence for each name, given with its place, that is not known."""
    for name, place in names:
        if name not in known:
            way_out = nearest(name, sorted(known), likeness=_LIKE) or "so nothing comes of it"
            yield f"{place}: no image has a {what} '{name}'; {way_out}"


def _templates(catalogue: Catalogue) -> list[str]:
    """Every template of the catalogue, and the frame where an image is made by it."""
    texts = [read_template(file.path) for name, file in catalogue.tree.items() if name.endswith(".j2")]
    framed = any(not image.whole for image in catalogue.images.values())
    return [*texts, *([read_template(part(catalogue.root, FRAME))] if framed else ())]


def _blocks(catalogue: Catalogue, texts: Iterable[str]) -> set[str]:
    """The blocks of every template, and those that the frame gives each image."""
    in_frame = [image for image in catalogue.images.values() if not image.whole]
    of_each = [name for text in texts for name in _IMAGE_BLOCK.findall(text)]
    own = {block_names(image).get(name, f"{block_stem(image)}_{name}") for image in in_frame for name in of_each}
    hooks = {name for image in in_frame for name in (*image.hooks.packages, *image.hooks.python)}
    return {name for text in texts for name in _BLOCK.findall(text)} | own | hooks


def _lists(catalogue: Catalogue, texts: Iterable[str]) -> set[str]:
    """The lists of every image that an override can change, on whatever base."""
    kinds = {"packages", *(kind for text in texts for kind in _KIND.findall(text))}
    images = catalogue.images.values()
    return {f"{list_stem(image)}_{kind}" for image in images for kind in kinds | image.package_lists.anywhere}
