"""Scripts that a distribution brings whole import what is there, like what entry points name."""

from pathlib import Path

import pytest
from tests.unit.verify.prover.environments import VENV, distribution, service

from kollage.image import Image, PerBase
from kollage.verify.prover.distributions import environments
from kollage.verify.prover.programs import imported, programs
from kollage.verify.prover.python import check_imports

SHEBANG = f"#!{VENV}/bin/python\n"
IMAGE = Image(name="app", folder=Path("app"), description="", parent=None, commands=PerBase(everywhere=("x.py",)))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import sys, os.path\n", ["sys", "os.path"]),
        ("from app import main, other as o\n", ["app:main", "app:other"]),
        ("from app import *\n", ["app"]),
        ("from . import near\nfrom .near import this\n", []),
        ("try:\n    import fast\nexcept ImportError:\n    import slow\n", []),
        ("if True:\n    import perhaps\ndef main():\n    import later\n", []),
        ("print 'of Python 2'\nimport app\n", []),
        ("import app\0\n", []),
    ],
)
def test_a_script_needs_what_it_imports_whatever_happens(source: str, names: list[str]) -> None:
    assert list(imported(SHEBANG + source)) == names


def test_what_is_no_script_of_pythons_imports_nothing() -> None:
    assert list(imported("#!/bin/sh\nimport app\n")) == []
    assert list(imported("import app\n")) == []
    assert list(imported("")) == []


@pytest.mark.parametrize(
    ("image", "tree", "entry_points", "counts"),
    [
        (None, True, "", True),
        (IMAGE, False, "", True),
        (None, False, "", False),  # what libraries bring for others is nobody's here
        (None, True, "[console_scripts]\nx.py = app:main\n", False),  # the entry point says what it loads
    ],
)
def test_scripts_of_the_service_and_commands_of_the_image_count(
    tmp_path: Path, image: Image | None, *, tree: bool, entry_points: str, counts: bool
) -> None:
    made = distribution("app", entry_points=entry_points, modules={"app/__init__.py": ""}, tree=tree)
    subject = service(tmp_path, {**made, f"{VENV}/bin/x.py": f"{SHEBANG}import app.gone\n"}, image=image)
    (environment,) = environments(subject)
    assert [(name, owner.name) for name, owner in programs(subject, environment)] == [("app.gone", "app")] * counts


def test_what_a_script_misses_is_a_finding(tmp_path: Path) -> None:
    source = f"{SHEBANG}import os\nfrom app import there\nfrom app import gone\n"
    modules = {"app/__init__.py": "", "app/there.py": "", "app/gone.py": "import vanished_with_python\n"}
    files = {**distribution("app", modules=modules, tree=True), f"{VENV}/bin/x.py": source}
    (finding,) = check_imports(service(tmp_path, files))
    assert finding.subject == "vanished_with_python"
    assert finding.message.startswith(f"app:gone cannot be imported in {VENV}: ModuleNotFoundError")
