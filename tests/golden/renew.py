"""Write the golden Dockerfiles anew: `python -m tests.golden.renew`, or `make golden`. Then read the difference."""

import shutil
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from kollage.catalogue import load_catalogue
from kollage.image import BASES
from kollage.options import Options
from kollage.options.suites import base_tag
from kollage.releases import load_release, path_of, release_names
from kollage.releases.lock import load_request
from kollage.releases.offered import offered
from kollage.render import renderer

FOLDER = Path(__file__).parent


def golden(base: str) -> Iterator[tuple[str, str]]:
    """The name and the Dockerfile of every image that can be built on a base; nothing of this machine is in it.

    What the usual release lacks is rendered with the newest that has it.
    """
    seen: set[str] = set()
    for release in (Options().release, *sorted(release_names(), key=day, reverse=True)):
        for name, text in rendered(base, release, seen):
            seen.add(name)
            yield name, text


def rendered(base: str, name: str, left_out: Collection[str]) -> Iterator[tuple[str, str]]:
    """The Dockerfiles of a release, without those of some images."""
    tag = base_tag(base, name, None)
    options = Options(base=base, base_tag=tag, base_arch="x86_64", release=name, tag="golden")
    catalogue = offered(load_catalogue(), options)
    release = load_release(name)
    make = renderer(catalogue, options, base_image=f"{base}:{tag}", constraints=release.constraints, sets=release.sets)
    for image in catalogue.images.values():
        if image.name not in left_out and not image.unsupported_on(base, "x86_64", tag):
            yield image.name, make(image).dockerfile


def day(release: str) -> date:
    """The day from which on nothing is in a release."""
    return load_request(path_of(release)).exclude_newer


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
