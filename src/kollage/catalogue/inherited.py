"""What an image has from those that it stands on, because it holds all that they hold.

These are the findings that are right, and the set of constraints that its Python packages are installed with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kollage.errors import CatalogueError
from kollage.facts import nearest
from kollage.image import Image


def inherited(images: Mapping[str, Image]) -> dict[str, Image]:
    """The images, those with an image.toml with what they have from their parents too.

    Raises `CatalogueError` where an image is named that is not there.
    """
    return {name: image if image.whole else _with_parents(image, images) for name, image in images.items()}


def _with_parents(image: Image, images: Mapping[str, Image]) -> Image:
    line = list(_line(image, images))
    exceptions = {key: reason for each in reversed(line) for key, reason in each.verify.exceptions.items()}
    commands_by = next((each.verify.commands_by for each in line if each.verify.commands_by), ())
    for name in commands_by:
        if name not in images:
            raise CatalogueError(
                f"{image.folder / 'image.toml'}: verify.commands-by: there is no image '{name}'",
                hint=nearest(name, images) or "see `kollage list`",
            )
    constraints = next((each.python.constraints for each in line if each.python.constraints), "")
    return replace(
        image,
        verify=replace(image.verify, exceptions=exceptions, commands_by=commands_by),
        sources=tuple(replace(source, constraints=constraints) for source in image.sources),
    )


def _line(image: Image, images: Mapping[str, Image]) -> Iterator[Image]:
    """The image and all that it stands on, as far as that is there; a circle is told of where the graph is made."""
    seen: set[str] = set()
    at: Image | None = image
    while at is not None and at.name not in seen:
        seen.add(at.name)
        yield at
        at = images.get(at.parent or "")
