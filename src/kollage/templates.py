"""Templates become text: Jinja, strict and in its sandbox, and the operator's overrides.

What goes wrong in a template is a `RenderError` that names the file and the line, in the operator's own file too.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import jinja2
from jinja2 import nodes, runtime
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment

from kollage.catalogue import Catalogue, part
from kollage.errors import RenderError
from kollage.image import Image

_FRAME = "frame.j2"
_OVERRIDE = "override"
_EXTENDS = re.compile(r"\{%[-+]?\s*extends\s+parent_template\s*[-+]?%\}")
# what a template can do wrong while it is rendered, beside what Jinja calls its own errors
_MISTAKES = (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError)

Fill = Callable[[Image, Mapping[str, object]], str]


def filler(catalogue: Catalogue, overrides: Sequence[Path]) -> Fill:
    """A function that fills an image's template with the values it is given. Raises `RenderError`."""
    environment = SandboxedEnvironment(
        loader=jinja2.FunctionLoader(partial(_load, catalogue, overrides)),
        undefined=jinja2.StrictUndefined,
        extensions=[ImageBlock],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters["customizable"] = _customizable
    environment.globals["hooks"] = _hooks
    environment.globals["raise_error"] = _raise_error
    return partial(_filled, environment, overrides)


def _filled(
    environment: SandboxedEnvironment, overrides: Sequence[Path], image: Image, values: Mapping[str, object]
) -> str:
    own = f"image:{image.name}" if image.template else _FRAME
    name = _OVERRIDE if overrides else own
    _check_each(environment, overrides)
    try:
        return environment.get_template(name).render({**values, "parent_template": own})
    except jinja2.TemplateSyntaxError as error:
        place = _place(error.filename or error.name or name, error.lineno, overrides)
        raise RenderError(f"{place}: {error.message}", hint="the template does not compile; mend that line") from error
    except _MISTAKES as error:
        place = _failing_line(error, overrides) or str(image.folder)
        raise RenderError(f"{place}: {_told(error)}", hint=f"met while rendering the image {image.name}") from error


def _told(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template '{error.name}'"
    return str(error)


def _check_each(environment: SandboxedEnvironment, overrides: Sequence[Path]) -> None:
    """Several overrides become one template; what one leaves open must not be blamed on the next."""
    for path in overrides if len(overrides) > 1 else ():
        try:
            environment.parse("\n".join(_override_lines(path)))
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(
                f"{path}:{error.lineno}: {error.message}", hint="the template does not compile; mend that line"
            ) from error


def _failing_line(error: Exception, overrides: Sequence[Path]) -> str:
    """The last place in a template that the error went through; Jinja puts them into the traceback."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _OVERRIDE or frame.filename.endswith(".j2")
    ]
    return _place(frames[-1].filename, frames[-1].lineno or 0, overrides) if frames else ""


def _place(filename: str, line: int, overrides: Sequence[Path]) -> str:
    """The file and line to show; several override files are one template, so the line is looked up in them."""
    if filename != _OVERRIDE:
        return f"{filename}:{line}"
    for path in overrides:
        length = len(_override_lines(path))
        if line <= length:
            return f"{path}:{line}"
        line -= length
    return str(overrides[-1])


# --- where templates come from ---


def _load(catalogue: Catalogue, overrides: Sequence[Path], name: str) -> tuple[str, str, None] | None:
    if name == _OVERRIDE:
        return _override_text(overrides), _OVERRIDE, None
    if name.startswith("image:"):
        path = catalogue.images[name.removeprefix("image:")].template
        assert path  # noqa: S101 - only images that have one are asked for by such a name
        # on the first line, so that the lines of the file keep their numbers
        return f'{{% extends "{_FRAME}" %}}{{% block steps %}}{_read(path)}{{% endblock %}}', str(path), None
    path = part(catalogue.root, name)
    return (_read(path), str(path), None) if path.is_file() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"the template {path} cannot be read: {error}") from error


def _override_text(overrides: Sequence[Path]) -> str:
    """The operator's files as one template: one `extends` stands for all."""
    lines = [line for path in overrides for line in _override_lines(path)]
    return "\n".join(["{% extends parent_template %}" + lines[0], *lines[1:]])


def _override_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(
            f"the template override {path} cannot be read: {error}", hint="check --template-override"
        ) from error
    return [_EXTENDS.sub("", line) for line in text.splitlines()] or [""]


# --- what templates may call ---


@jinja2.pass_context
def _customizable(context: runtime.Context, names: Sequence[str], *kinds: str) -> list[str]:
    """The list as an override changes it: `_override` wins alone, `_append` comes before `_remove`.

    A list may go by several kinds; each changes what the one before it has left.
    """
    left = list(names)
    for kind in kinds:
        stem = f"{context['customizable_stem']}_{kind}"
        if f"{stem}_override" in context:
            left = _listed(context, f"{stem}_override")
        else:
            longer = [*left, *_listed(context, f"{stem}_append")]
            removed = _listed(context, f"{stem}_remove")
            left = [name for name in longer if name not in removed]
    return left


def _listed(context: runtime.Context, name: str) -> list[str]:
    value = context.get(name, [])
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise jinja2.TemplateRuntimeError(f"{name} must be a list of texts, such as ['one', 'two'], not {value!r}")
    return list(value)


@jinja2.pass_context
def _hooks(context: runtime.Context, names: Sequence[str]) -> str:
    """The blocks of these names, where an override fills them."""
    return "".join(_block(context, name, str) for name in names)


def _raise_error(message: str) -> str:
    raise jinja2.TemplateRuntimeError(message)


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
