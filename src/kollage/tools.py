"""Programs that builds use and images do not keep."""

import shutil
from pathlib import Path


def uv_folder(cache: Path) -> Path:
    """A folder with uv's program in it, for a build context of its own; made once for each version."""
    from importlib.metadata import version

    from uv import find_uv_bin

    folder = cache / "tools" / f"uv-{version('uv')}"
    program = folder / "uv"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / f"uv.{id(folder)}"
        shutil.copy2(find_uv_bin(), copy)
        copy.replace(program)
    return folder
