"""Templates become text: the only user of Jinja, always in its sandbox, with the operator's overrides.

What goes wrong in a template is a `RenderError` that names the file and the line, in the operator's own file too.
"""

from functools import cache, partial

from kollage.catalogue import Catalogue
from kollage.options import Options
from kollage.templates.before import Before, Fill, filled_before

__all__ = ["Before", "Fill", "filled_before", "filler"]


def filler(catalogue: Catalogue, options: Options) -> Fill:
    """A function that fills an image's template with the values it is given. Raises `RenderError`."""
    in_frame = cache(partial(_frame, catalogue, options))
    whole = cache(partial(_whole, catalogue, options))
    return lambda image, values: (whole() if image.whole else in_frame())(image, values)


# Jinja is loaded by the first image that is filled, because often none is


def _frame(catalogue: Catalogue, options: Options) -> Fill:
    from kollage.templates.frame import frame_filler

    return frame_filler(catalogue, options)


def _whole(catalogue: Catalogue, options: Options) -> Fill:
    from kollage.templates.whole import whole_filler

    return whole_filler(catalogue, options)
