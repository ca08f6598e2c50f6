"""Facts that stand in somebody else's Python file: read as they are written, and nothing of the file is run."""

import ast


def assigned(code: bytes, name: str) -> object:
    """The value that a file gives a name at its top; None where it gives none, or none that can be read off.

    Raises `SyntaxError` and `ValueError` for what is no Python.
    """
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            try:
                return ast.literal_eval(node.value)
            except ValueError:  # an expression
                return None
    return None
