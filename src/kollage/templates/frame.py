"""Images that are described by facts: their own steps inside the frame that all share, strict and sandboxed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import jinja2
from jinja2 import nodes, runtime
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue, part
from kollage.image import Image
from kollage.options import Options
from kollage.templates import overrides as override_files
from kollage.templates.functions import customizable, functions
from kollage.templates.overrides import MISTAKES, override_text, read_template

FRAME = "frame.j2"


def frame_filler(catalogue: Catalogue, options: Options) -> Callable[[Image, Mapping[str, object]], str]:
    """A function that fills the frame with an image's facts and steps. Raises `RenderError`."""
    environment = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(partial(_load, catalogue, options.template_override)),
        undefined=jinja2.StrictUndefined,
        extensions=[ImageBlock],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters["customizable"] = customizable
    environment.globals.update(functions(catalogue, options))
    environment.globals["hooks"] = _hooks
    return partial(_filled, environment, options.template_override)


def _filled(
    environment: SandboxedEnvironment, overrides: Sequence[Path], image: Image, values: Mapping[str, object]
) -> str:
    own = f"image:{image.name}" if image.template else FRAME
    name = override_files.NAME if overrides else own
    override_files.check_each(environment, overrides)
    try:
        return environment.get_template(name).render({**values, "parent_template": own})
    except jinja2.TemplateSyntaxError as error:
        raise override_files.not_compiled(error, name, overrides) from error
    except MISTAKES as error:
        raise override_files.not_rendered(error, str(image.folder), overrides, image.name) from error


def _load(catalogue: Catalogue, overrides: Sequence[Path], name: str) -> tuple[str, str, None] | None:
    if name == override_files.NAME:
        return override_text(overrides), override_files.NAME, None
    if name.startswith("image:"):
        path = catalogue.images[name.removeprefix("image:")].template
        assert path  # noqa: S101 - only images that have one are asked for by such a name
        # on the first line, so that the lines of the file keep their numbers
        return f'{{% extends "{FRAME}" %}}{{% block steps %}}{read_template(path)}{{% endblock %}}', str(path), None
    path = part(catalogue.root, name)
    return (read_template(path), str(path), None) if path.is_file() else None


@jinja2.pass_context
def _hooks(context: runtime.Context, names: Sequence[str]) -> str:
    """The blocks of these names, where an override fills them."""
    return "".join(_block(context, name, str) for name in names)


class ImageBlock(Extension):
    """`{% image_block footer %}…{% endimage_block %}`: a block whose name begins with the image's.

    The frame is compiled once for all images, so the block is looked up while rendering: an override that defines
    `keystone_footer` replaces it in keystone, and `super()` there gives the frame's own text. `block_names` has the
    whole name where it does not derive from the image's.
    """

    tags = {"image_block"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Turn the tag into a call of `_fill` with the text between the tags as its default."""
        line = next(parser.stream).lineno
        name = parser.stream.expect("name").value
        body = parser.parse_statements(("name:endimage_block",), drop_needle=True)
        call = self.call_method("_fill", [nodes.ContextReference(), nodes.Const(name)], lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _fill(self, context: runtime.Context, name: str, caller: Callable[[], str]) -> str:
        block = context["block_names"].get(name, f"{context['block_stem']}_{name}")
        return _block(context, block, caller)


def _block(context: runtime.Context, name: str, default: Callable[[], str]) -> str:
    """The block as an override has it, which gets the default from `super()`; else the default."""
    if name not in context.blocks:
        return default()

    def original(_context: runtime.Context) -> Iterator[str]:
        yield default()

    context.blocks[name] = [*context.blocks[name], original]
    return "".join(context.blocks[name][0](context))
