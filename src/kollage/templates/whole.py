"""Images with a whole Dockerfile of their own, as Kolla writes them: filled just as Kolla fills them, in the sandbox.

What is not defined renders empty and nothing is tidied, so that the text is the same to the byte. Compiled templates
are kept between runs, because compiling is most of the work.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue
from kollage.catalogue.tree import TEMPLATE
from kollage.image import Image
from kollage.kept import private
from kollage.options import Options
from kollage.templates import overrides as override_files
from kollage.templates.functions import customizable_by_kolla, functions
from kollage.templates.overrides import MISTAKES, override_text, read_template


def whole_filler(catalogue: Catalogue, options: Options) -> Callable[[Image, Mapping[str, object]], str]:
    """A function that fills an image's own template. Raises `RenderError`."""
    environment = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(partial(_load, catalogue)),
        bytecode_cache=_kept(options.cache_dir),
        auto_reload=False,
        cache_size=-1,
    )
    above = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(partial(_load_override, options)),
        auto_reload=False,
        cache_size=-1,
    )
    for each in (environment, above):
        each.filters["customizable"] = customizable_by_kolla
        each.globals.update(functions(catalogue, options))
    return partial(_filled, environment, above, options)


def _filled(
    environment: SandboxedEnvironment,
    above: SandboxedEnvironment,
    options: Options,
    image: Image,
    values: Mapping[str, object],
) -> str:
    overrides, name = options.template_override, f"{image.place}/{TEMPLATE}"
    override_files.check_each(above, overrides)
    try:
        template = environment.get_template(name)
        if overrides:
            values = {**values, "parent_template": template}
            template = above.get_template(override_files.NAME)
        return template.render({**values, "env": options.environ})
    except jinja2.TemplateSyntaxError as error:
        raise override_files.not_compiled(error, name, overrides) from error
    except MISTAKES as error:
        raise override_files.not_rendered(error, str(image.template), overrides, image.name) from error


def _load(catalogue: Catalogue, name: str) -> tuple[str, str, None] | None:
    if name not in catalogue.tree:
        return None
    path = catalogue.tree[name].path
    return read_template(path), str(path), None


def _load_override(options: Options, name: str) -> tuple[str, str, None] | None:
    # an override sees no other template: what it needs, its parent has imported
    return (override_text(options.template_override), name, None) if name == override_files.NAME else None


def _kept(cache: Path) -> jinja2.FileSystemBytecodeCache | None:
    """Where compiled templates are kept: a folder that this user alone can write to, because what is there is run."""
    folder = private(cache / "templates" / f"jinja-{jinja2.__version__}")
    return jinja2.FileSystemBytecodeCache(str(folder)) if folder else None
