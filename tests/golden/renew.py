"""Write the golden Dockerfiles anew: `python -m tests.golden.renew`, or `make golden`. Then read the difference."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from kollage.catalogue import load_catalogue
from kollage.image import BASES
from kollage.options import Options
from kollage.options.settings import BASE_TAGS
from kollage.releases import RELEASES, release_names
from kollage.render import renderer

FOLDER = Path(__file__).parent


def golden(base: str) -> Iterator[tuple[str, str]]:
    """The name and the Dockerfile of every image that can be built on a base; nothing of this machine is in it."""
    catalogue = load_catalogue()
    release = release_names()[-1]
    options = Options(base=base, base_tag=BASE_TAGS[base], base_arch="x86_64", release=release, tag="golden")
    constraints = RELEASES / f"{release}.lock"
    make = renderer(catalogue, options, base_image=f"{base}:{BASE_TAGS[base]}", constraints=constraints)
    for image in catalogue.images.values():
        if not image.unsupported_on(base, "x86_64"):
            yield image.name, make(image).dockerfile


def main() -> None:
    """Replace every golden file."""
    for base in BASES:
        folder = FOLDER / base
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in golden(base):
            (folder / f"{name}.Dockerfile").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
