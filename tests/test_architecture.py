"""The structure, as a test: who may import whom, who alone may use what, and how long things may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "kollage"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "images" not in path.parts)

# from the top down: a module imports only from rows below its own, and within its own package
LAYERS = (
    ("__main__",),
    ("cli",),
    ("distributed",),
    ("smoke",),
    ("deploy", "parts", "platforms"),
    ("build", "clean", "diag", "runs", "weigh", "why"),
    ("carry", "standing"),
    ("prepare",),
    ("forecast",),
    ("act", "execute", "workspace"),
    ("prove", "publish"),
    ("workshop", "context", "proofs", "fetches", "recording", "shared", "updates"),
    ("causes",),
    ("guests",),
    ("plan",),
    ("graph", "render", "bootstrap", "verify"),
    ("report",),
    ("size",),
    ("contents",),
    ("epochs", "releases"),
    ("archives",),
    ("sources", "templates"),
    ("catalogue", "engines", "history", "registry", "sealed", "tools"),
    ("repositories", "steps"),
    ("results", "facts", "image", "rootfs"),
    ("options",),
    ("process", "fingerprint", "certificates", "kept"),
    ("output",),
    ("errors", "folders", "addresses", "literals"),
)
# what one module alone may use, whoever else would like to
ALONE = {
    "subprocess": {"process"},
    "threading": {"process"},
    "concurrent": {"execute"},
    "jinja2": {"render", "templates"},
    "oslo_config": {"options"},
    "rich": {"report"},
    "openstack": {"smoke"},
    "keystoneauth1": {"smoke"},
    "distributed": {"distributed"},
    "cryptography": {"certificates", "deploy", "distributed"},
    "tornado": {"distributed"},
    "requests": {"registry", "sources"},
}
MODULE_LINES = 400
FUNCTION_LINES = 40
NESTING = 3


def package(path: Path) -> str:
    """The name of a module or package directly below kollage."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that a module imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def depth(node: ast.AST) -> int:
    """How deep blocks are nested below a node; `elif` does not count as deeper."""
    blocks = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match)
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            continue
        own = isinstance(child, blocks) and not (isinstance(node, ast.If) and node.orelse == [child])
        deepest = max(deepest, own + depth(child))
    return deepest


def level(name: str) -> int:
    return next(number for number, row in enumerate(LAYERS) if name in row)


def test_every_module_stands_in_the_table() -> None:
    assert {package(path) for path in MODULES} - {"__init__"} == {name for row in LAYERS for name in row}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_downwards(path: Path) -> None:
    own = package(path)
    if own == "__init__":
        return
    ours = {match.group(1) for name in imports(path) if (match := re.match(r"kollage\.(\w+)", name))} - {
        own,
        "__version__",
    }
    assert {name for name in ours if level(name) <= level(own)} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_belongs_to_one_module_is_used_by_no_other(path: Path) -> None:
    used = {name.partition(".")[0] for name in imports(path)}
    assert {name for name in used if name in ALONE and package(path) not in ALONE[name]} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_keep_their_budgets(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES
    for function in functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION_LINES, f"{function.name} has {length} lines"
        assert depth(function) <= NESTING, f"{function.name} is nested too deep"


def test_most_functions_are_short() -> None:
    lengths = sorted((f.end_lineno or 0) - f.lineno + 1 for path in MODULES for f in functions(path))
    assert lengths[len(lengths) // 2] <= 10


def test_no_module_of_the_core_asks_which_engine_it_has() -> None:
    for path in MODULES:
        if package(path) not in {"engines", "options"}:
            assert not re.search(
                r"engine(\.name)? ==|== \"(buildah|podman|docker)\"", path.read_text(encoding="utf-8")
            ), path


def test_the_catalogue_holds_no_module() -> None:
    folders = {path.parent for path in (SOURCE / "images").rglob("*.py")}
    images = {path.parent for path in (SOURCE / "images").rglob("image.toml")}
    # what lies in an image's folder is copied into it and run there
    assert [folder for folder in folders if folder not in images and folder.name != "verify"] == []
