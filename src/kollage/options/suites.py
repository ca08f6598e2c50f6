"""The suite of a distribution that a release stands on: read from its file before the release itself is."""

import re
import tomllib
from pathlib import Path

from kollage.options.settings.shapes import BASE_TAGS, TAG

_IMAGES = Path(__file__).parents[1] / "images"


def base_tag(base: str, release: str, images: Path | None) -> str:
    """The tag of a base that a release names, else the base's own.

    `images` is the catalogue's folder, which may have releases of its own. A file that cannot be read says nothing
    here: whoever loads the release tells of it.
    """
    try:
        facts = tomllib.loads(_file(release, images).read_text(encoding="utf-8"))
        tag = facts.get("bases", {}).get(base, "")
    except (OSError, ValueError, AttributeError):
        tag = ""
    return tag if re.fullmatch(TAG, str(tag)) else BASE_TAGS[base]


def has_file(release: str, images: Path | None) -> bool:
    """Whether a release is one, with a file of its own: one that has none is made of several, or is not there."""
    return _file(release, images).is_file()


def _file(release: str, images: Path | None) -> Path:
    own = images / "releases" if images else None
    folder = own if own and own.is_dir() else _IMAGES / "releases"
    return folder / f"{release}.toml"
