"""What the blocks and lists of an image are called."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from kollage.image import Image


def list_stem(image: Image) -> str:
    """What the names of the lists that overrides can change begin with."""
    return image.name.replace("-", "_")


def block_stem(image: Image) -> str:
    """What the names of an image's own blocks begin with."""
    return image.block or list_stem(image)


def block_names(image: Image) -> Mapping[str, str]:
    """Blocks with names that the image's own does not give: that of a source is called after where it is found."""
    links = [PurePosixPath(source.link).name for source in image.sources if source.link and source.type != "release"]
    name = f"{links[0].replace('-', '_')}_source_install" if links else f"{list_stem(image)}_python_install"
    return {"source_install": name}
