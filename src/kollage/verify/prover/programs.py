"""What programs import that a distribution brings as whole scripts, not as entry points that say what they load."""

import ast
from collections.abc import Iterator
from contextlib import suppress

from kollage.verify.prover.distributions import Distribution, Environment
from kollage.verify.prover.reading import text
from kollage.verify.subject import Subject


def programs(subject: Subject, environment: Environment) -> Iterator[tuple[str, Distribution]]:
    """What the service's own scripts import, and those that the image has among its commands.

    Each is a `module` or `module:attribute`, with the distribution that brought the script.
    """
    commands = subject.image.commands.on(subject.base)
    generated = {each.name for distribution in environment.own for each in distribution.entry_points}
    for distribution in environment.own:
        for script in distribution.scripts:
            if script not in generated and (distribution.from_tree or script in commands):
                yield from (
                    (name, distribution) for name in imported(text(subject, f"{environment.folder}/bin/{script}"))
                )


def imported(source: str) -> Iterator[str]:
    """What a Python script imports whatever happens: where it tries, or asks first, it can do without."""
    if "python" not in source.partition("\n")[0]:
        return
    with suppress(SyntaxError, ValueError, RecursionError):  # of another version, or none at all
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Import):
                yield from (alias.name for alias in statement.names)
            if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                yield from (_name(statement.module, alias.name) for alias in statement.names)


def _name(module: str, attribute: str) -> str:
    return module if attribute == "*" else f"{module}:{attribute}"
