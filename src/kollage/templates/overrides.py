"""The operator's override files: one template for Jinja, and for messages still the files that they are."""

import re
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from kollage.errors import RenderError

NAME = "override"
_EXTENDS = re.compile(r"\{%[-+]?\s*extends\s+parent_template\s*[-+]?%\}")
_NOT_COMPILED = "the template does not compile; mend that line"
# what a template can do wrong while it is rendered, beside what Jinja calls its own errors
MISTAKES = (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError)


def override_text(overrides: Sequence[Path]) -> str:
    """The operator's files as one template: one `extends` stands for all."""
    lines = [line for path in overrides for line in _lines(path)]
    return "\n".join(["{% extends parent_template %}" + lines[0], *lines[1:]])


def check_each(environment: jinja2.Environment, overrides: Sequence[Path]) -> None:
    """See that every file compiles by itself: what one leaves open must not be blamed on the next."""
    for path in overrides if len(overrides) > 1 else ():
        try:
            environment.parse("\n".join(_lines(path)))
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"{path}:{error.lineno}: {error.message}", hint=_NOT_COMPILED) from error


def parsed(environment: jinja2.Environment, overrides: Sequence[Path]) -> jinja2.nodes.Template:
    """What the files say, taken as the one template that they are. Raises `RenderError`."""
    check_each(environment, overrides)
    try:
        return environment.parse(override_text(overrides))
    except jinja2.TemplateSyntaxError as error:
        raise not_compiled(error, NAME, overrides) from error


def blocks(template: jinja2.nodes.Template, overrides: Sequence[Path]) -> Mapping[str, str]:
    """The blocks that the files fill, each with its place; those within another are the files' own affair."""
    found = list(template.find_all(jinja2.nodes.Block))
    inner = {id(block) for outer in found for block in outer.find_all(jinja2.nodes.Block)}
    return {block.name: _place(NAME, block.lineno, overrides) for block in found if id(block) not in inner}


def variables(template: jinja2.nodes.Template, overrides: Sequence[Path]) -> Mapping[str, str]:
    """The names that the files set and do not read themselves, each with its place."""
    names = list(template.find_all(jinja2.nodes.Name))
    read = {name.name for name in names if name.ctx == "load"}
    return {
        name.name: _place(NAME, name.lineno, overrides)
        for name in names
        if name.ctx == "store" and name.name not in read
    }


def not_compiled(error: jinja2.TemplateSyntaxError, name: str, overrides: Sequence[Path]) -> RenderError:
    """The error that names the place of what does not compile."""
    place = _place(error.filename or error.name or name, error.lineno, overrides)
    return RenderError(f"{place}: {error.message}", hint=_NOT_COMPILED)


def not_rendered(error: Exception, otherwise: str, overrides: Sequence[Path], image: str) -> RenderError:
    """The error that names the place of what went wrong while an image was rendered; `otherwise`, if none is known."""
    place = _failing_line(error, overrides) or otherwise
    return RenderError(f"{place}: {_told(error)}", hint=f"met while rendering the image {image}")


def read_template(path: Path) -> str:
    """The text of a template file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"the template {path} cannot be read: {error}") from error


def _told(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template '{error.name}'"
    return str(error)


def _failing_line(error: Exception, overrides: Sequence[Path]) -> str:
    """The last place in a template that the error went through; Jinja puts them into the traceback."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == NAME or frame.filename.endswith(".j2")
    ]
    return _place(frames[-1].filename, frames[-1].lineno or 0, overrides) if frames else ""


def _place(filename: str, line: int, overrides: Sequence[Path]) -> str:
    """The file and line to show; several override files are one template, so the line is looked up in them."""
    if filename != NAME:
        return f"{filename}:{line}"
    for path in overrides:
        length = len(_lines(path))
        if line <= length:
            return f"{path}:{line}"
        line -= length
    return str(overrides[-1])


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(
            f"the template override {path} cannot be read: {error}", hint="check --template-override"
        ) from error
    return [_EXTENDS.sub("", line) for line in text.splitlines()] or [""]
