"""One layer for all that an image adds to its parent, by the program `docker-squash`: docker's builders cannot."""

import shutil
from pathlib import Path

from kollage import process
from kollage.engines.arguments import each
from kollage.errors import EngineError
from kollage.process import OnLine

_PROGRAM = "docker-squash"


def require() -> None:
    """See that the program is there, before anything is built for it."""
    if not shutil.which(_PROGRAM):
        raise EngineError(f"the program '{_PROGRAM}' is not installed", hint=f"pip install {_PROGRAM}")


def squash(image: str, parent: str, name: str, on_line: OnLine, *, cleanup: bool, folder: Path | None) -> None:
    """Give the name to an image that has the parent's layers and one more.

    Without a parent all becomes one layer. With `cleanup` the image that was squashed goes. There have to be two layers
    to squash at least.
    """
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    flags = [*each("--from-layer", [parent] if parent else []), *(["--cleanup"] if cleanup else [])]
    environ = {"TMPDIR": str(folder)} if folder else None  # what its own --tmp-dir names is left lying
    process.run([_PROGRAM, *flags, f"--tag={name}", image], on_line=on_line, env=environ)
