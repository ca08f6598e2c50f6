"""The commands that Python code starts, as far as its text names them."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

Known = dict[str, ast.expr]  # the lists of a function by their names

_COMMAND = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9_.+/-]*")
_OPENED = r"(?:[\s\\)]|#[^\n]*\n)*\("  # what may stand between the name of what is called and its arguments
_NAMED = re.compile(r"execute|subprocess|which|trycmd")
_WORTH_READING = re.compile(
    rf"(?<!def )\b(?:_?execute|trycmd){_OPENED}\s*[^)\s]"  # with an argument: `task.execute()` starts nothing
    rf"|\bsubprocess\b|\bwhich{_OPENED}"
)  # parsing code takes long, and most of it starts nothing
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.alias)
_STARTING = {"run", "Popen", "call", "check_call", "check_output"}  # of subprocess
_EXECUTING = {"execute", "_execute", "trycmd"}  # of oslo.concurrency and what services wrap around it


def commands(code: str) -> frozenset[str]:
    """The commands that the code names where it starts or looks for one."""
    tree = _parsed(code) if _NAMED.search(code) and _WORTH_READING.search(code) else None
    if tree is None:
        return frozenset()
    found = (name for call, known in _calls(tree) if _starts(call) for name in _of_call(call, known))
    return frozenset(name for name in found if _COMMAND.fullmatch(name))


def _parsed(code: str) -> ast.AST | None:
    """The code as a tree. The image's Python may be newer than this one and know more: then nothing is said of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of style in code that is not ours
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, Known]]:
    """Every call, with the lists that its function gives names to, the first of each: `command = ["lvs", …]`."""
    found: list[tuple[ast.Call, Known]] = []
    left: list[tuple[ast.AST, Known]] = [(tree, {})]
    while left:
        node, known = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            known = {}
        elif isinstance(node, ast.Call) and node.args:
            found.append((node, known))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple | ast.BinOp):
            for target in (each for each in node.targets if isinstance(each, ast.Name)):
                known.setdefault(target.id, node.value)
        inner = [(child, known) for child in ast.iter_child_nodes(node) if not isinstance(child, _LEAVES)]
        left += reversed(inner)
    return iter(found)


def _of_call(call: ast.Call, known: Known) -> Sequence[str]:
    """The command that a call names first; `env` is only the way to the one behind it."""
    words = _words(call.args[0], known)
    if words[:1] == ["env"]:
        behind = [*words[1:], *map(_literal, call.args[1:])]
        words = [each for each in behind if each and "=" not in each]
    return words[:1]


def _starts(call: ast.Call) -> bool:
    """Whether a call starts a command or looks for one.

    `execute` with a text may be a statement for a database too, and `_execute` may talk to a device: they count where
    something else speaks for a command.
    """
    owner, name = _called(call.func)
    if name not in _EXECUTING:
        return (owner == "subprocess" and name in _STARTING) or (owner == "shutil" and name == "which")
    if name == "_execute":
        return any(keyword.arg == "run_as_root" for keyword in call.keywords)
    return not isinstance(call.args[0], ast.Constant) or owner == "" or owner.endswith("utils")


def _called(function: ast.expr) -> tuple[str, str]:
    """The last two names of what is called: (processutils, execute)."""
    if isinstance(function, ast.Name):
        return "", function.id
    if not isinstance(function, ast.Attribute):
        return "?", ""
    owner = function.value
    if isinstance(owner, ast.Attribute):
        return owner.attr, function.attr
    return (owner.id if isinstance(owner, ast.Name) else "?"), function.attr


def _words(value: ast.expr, known: Known) -> list[str]:
    """The words that a command begins with, as far as they are written out."""
    if isinstance(value, ast.Starred):
        value = value.value
    if isinstance(value, ast.Name):
        value = known.get(value.id, value)
    while isinstance(value, ast.BinOp):
        value = _first(value, known)
    if isinstance(value, ast.List | ast.Tuple):
        words = [_literal(each) for each in value.elts]
        return [each for each in words if each] if words[:1] != [""] else []
    return [_literal(value)] if _literal(value) else []


def _first(sum_of_lists: ast.BinOp, known: Known) -> ast.expr:
    """The part of a sum that has the command: `["lvs"] + options`, but also `cinder.PREFIX + ["lvs"]`."""
    left = sum_of_lists.left
    if isinstance(left, ast.Name) and isinstance(known.get(left.id), ast.List | ast.Tuple):
        return known[left.id]
    return sum_of_lists.right if isinstance(left, ast.Attribute) else left


def _literal(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
