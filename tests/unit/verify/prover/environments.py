"""Virtual environments made of texts: distributions with their metadata, seen by a service's Python."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.unit.verify.roots import Made, link, subject

from kollage import process
from kollage.image import Image
from kollage.verify import Subject

VENV = "/var/lib/kolla/venv"
SITE = f"{VENV}/lib/python3.13/site-packages"
SYSTEM_SITE = "/usr/lib/python3/dist-packages"
SETTINGS = "home = /usr/bin\nversion_info = 3.13.5\ninclude-system-site-packages = true\n"
TREE = '{"url": "file:///nova", "dir_info": {}}'


def venv(settings: str = SETTINGS, folder: str = VENV) -> Mapping[str, Made]:
    """An environment with nothing in it."""
    return {f"{folder}/pyvenv.cfg": settings, f"{folder}/bin/python": link("/usr/bin/python3")}


def distribution(
    name: str,
    *requirements: str,
    version: str = "1.0",
    fields: Sequence[str] = (),
    entry_points: str = "",
    modules: Mapping[str, str] | None = None,
    tree: bool = False,
    site: str = SITE,
) -> Mapping[str, Made]:
    """An installed distribution with its modules."""
    folder = f"{site}/{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields]
    lines += [f"Requires-Dist: {each}" for each in requirements]
    files: dict[str, Made] = {f"{folder}/METADATA": "\n".join(lines) + "\n\nRequires-Dist: only-in-the-text\n"}
    files |= {f"{site}/{path}": content for path, content in (modules or {}).items()}
    files[f"{folder}/RECORD"] = "".join(f"{path},sha256=x,1\n" for path in ("../../../bin/x.py", *(modules or {})))
    files[f"{folder}/entry_points.txt"] = entry_points or None
    files[f"{folder}/direct_url.json"] = TREE if tree else None
    return files


def service(root: Path, files: Mapping[str, Made], *, image: Image | None = None, path: str = "/usr/bin") -> Subject:
    """An image whose Python is this one, seeing the image's environment."""

    def run(command: Sequence[str], text: str) -> str:
        # the programs of these tests are few; what they need of the image is the environment alone
        return process.run([sys.executable, *command[1:]], stdin=text, env={"PYTHONPATH": f"{root}{SITE}"}, cwd=root)

    configuration = {"Env": [f"PATH={VENV}/bin:{path}", "KOLLA_BASE_ARCH=x86_64"]}
    made = {**venv(), **files}
    if image is None:
        return subject(root, made, configuration=configuration, run=run)
    return subject(root, made, configuration=configuration, run=run, image=image)
