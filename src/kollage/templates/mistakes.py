"""What overrides fill or set in vain, most often because a name has a mistake."""

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
_IMAGE_BLOCK = re.compile(r"\{%[-+]?\s*image_block\s+(\w+)")
_KIND = re.compile(r"customizable\(\s*[\"'](\w+)")
_LIST = re.compile(r"(\w+)_(append|remove|override)")
_LIKE = 0.8  # less, and names that only end alike would be taken for each other


def mistakes(catalogue: Catalogue, options: Options) -> Iterator[str]:
    """A sentence for each block and each list of the operator's files that no image has. Raises `RenderError`."""
    if not options.template_override:
        return
    texts = _templates(catalogue)
    yield from _unknown_blocks(catalogue, options, texts)
    yield from _unknown_lists(catalogue, options, texts)


def _unknown_blocks(catalogue: Catalogue, options: Options, texts: list[str]) -> Iterator[str]:
    filled = override_files.blocks(SandboxedEnvironment(), options.template_override)
    known = _blocks(catalogue, texts) if filled else set()
    for name, place in filled.items():
        if name not in known:
            yield f"{place}: no image has a block '{name}'; {_way_out(name, known)}"


def _unknown_lists(catalogue: Catalogue, options: Options, texts: list[str]) -> Iterator[str]:
    names = override_files.variables(SandboxedEnvironment(), options.template_override)
    changed = {name: found for name in names if (found := _LIST.fullmatch(name))}
    known = _lists(catalogue, texts) if changed else set()
    for name, found in changed.items():
        if found[1] not in known:
            yield f"{names[name]}: no image has a list '{found[1]}' for {name}; {_way_out(found[1], known)}"


def _way_out(name: str, known: set[str]) -> str:
    return nearest(name, sorted(known), likeness=_LIKE) or "so nothing comes of it"


def _templates(catalogue: Catalogue) -> list[str]:
    """Every template of the catalogue, and the frame where an image is made by it."""
    texts = [read_template(file.path) for name, file in catalogue.tree.items() if name.endswith(".j2")]
    framed = any(not image.whole for image in catalogue.images.values())
    return [*texts, *([read_template(part(catalogue.root, FRAME))] if framed else ())]


def _blocks(catalogue: Catalogue, texts: list[str]) -> set[str]:
    """The blocks of every template, and those that the frame gives each image."""
    in_frame = [image for image in catalogue.images.values() if not image.whole]
    of_each = [name for text in texts[-1:] for name in _IMAGE_BLOCK.findall(text)]
    own = {block_names(image).get(name, f"{block_stem(image)}_{name}") for image in in_frame for name in of_each}
    hooks = {name for image in in_frame for name in (*image.hooks.packages, *image.hooks.python)}
    return {name for text in texts for name in _BLOCK.findall(text)} | own | hooks


def _lists(catalogue: Catalogue, texts: list[str]) -> set[str]:
    """The lists of every image that an override can change, on whatever base."""
    kinds = {"packages", *(kind for text in texts for kind in _KIND.findall(text))}
    found: set[str] = set()
    for image in catalogue.images.values():
        more = (image.package_lists.everywhere, *image.package_lists.only.values())
        found |= {f"{image.name.replace('-', '_')}_{kind}" for kind in kinds.union(*more)}
    return found
