"""Templates become text: the only user of Jinja, always in its sandbox, with the operator's overrides.

What goes wrong in a template is a `RenderError` that names the file and the line, in the operator's own file too.
"""

from collections.abc import Callable, Mapping
from functools import cache

from kollage.catalogue import Catalogue
from kollage.image import Image
from kollage.options import Options
from kollage.templates.blocks import block_names, block_stem, unknown_blocks
from kollage.templates.frame import frame_filler
from kollage.templates.whole import whole_filler

__all__ = ["Fill", "block_names", "block_stem", "filler", "unknown_blocks"]

Fill = Callable[[Image, Mapping[str, object]], str]


def filler(catalogue: Catalogue, options: Options) -> Fill:
    """A function that fills an image's template with the values it is given. Raises `RenderError`."""
    in_frame = cache(lambda: frame_filler(catalogue, options))
    whole = cache(lambda: whole_filler(catalogue, options))
    return lambda image, values: (whole() if image.whole else in_frame())(image, values)
