"""Templates of a cloud's configuration become text, strict and sandboxed.

They are named by their place below the root of the catalogue, so that one may include or import another; an operator's
folder that is laid over the catalogue replaces them by the same names.
"""

from collections.abc import Callable, Mapping
from functools import partial

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue
from kollage.errors import RenderError
from kollage.templates.overrides import MISTAKES, read_template

Values = Mapping[str, object]
Texts = Callable[[str, Values], str]


def fillers(catalogue: Catalogue) -> tuple[Texts, Texts]:
    """Two functions: one fills the template at a place, one fills a text. Both raise `RenderError`."""
    environment = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(partial(_load, catalogue)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    return partial(_filled, environment.get_template), partial(_filled, environment.from_string)


def _filled(found: Callable[[str], jinja2.Template], name: str, values: Values) -> str:
    try:
        return found(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(
            f"{error.filename or error.name or name}:{error.lineno}: {error.message}", hint="mend that line"
        ) from error
    except MISTAKES as error:
        raise RenderError(f"{name}: {error}") from error


def _load(catalogue: Catalogue, name: str) -> tuple[str, str, None] | None:
    if name not in catalogue.tree:
        return None
    path = catalogue.tree[name].path
    return read_template(path), str(path), None
