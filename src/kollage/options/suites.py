"""What a release, or a tree of Kolla's, says of the bases and of itself: read before the release itself is."""

import re
import tomllib
from pathlib import Path

from kollage.literals import assigned
from kollage.options.settings.shapes import BASE_TAGS, TAG

_IMAGES = Path(__file__).parents[1] / "images"


def base_tag(base: str, release: str, images: Path | None) -> str:
    """The tag of a base that a release names, else the base's own.

    `images` is the catalogue's folder, which may have releases of its own. A file that cannot be read says nothing
    here: whoever loads the release tells of it. A tree of Kolla's says its own, whatever the release.
    """
    if tag := _kollas_tag(base, images):
        return tag
    try:
        facts = tomllib.loads(_file(release, images).read_text(encoding="utf-8"))
        tag = facts.get("bases", {}).get(base, "")
    except (OSError, ValueError, AttributeError):
        tag = ""
    return tag if re.fullmatch(TAG, str(tag)) else BASE_TAGS[base]


def release_of(images: Path | None) -> str:
    """The OpenStack release that a tree of Kolla's is of; "" where that is not said."""
    said = _kolla_says("OPENSTACK_RELEASE", images)
    return said if isinstance(said, str) and re.fullmatch(TAG, said) else ""


def _kollas_tag(base: str, images: Path | None) -> str:
    tags = _kolla_says("DEFAULT_BASE_TAGS", images)
    facts = tags.get(base) if isinstance(tags, dict) else None
    tag = facts.get("tag") if isinstance(facts, dict) else None
    return tag if isinstance(tag, str) and re.fullmatch(TAG, tag) else ""


def _kolla_says(name: str, images: Path | None) -> object:
    """A fact of the package beside a tree of Kolla's; None where there is none, or none that can be read."""
    folders = (images.parent, images.parent / "kolla") if images else ()
    for path in (folder / "common" / "config.py" for folder in folders):
        try:
            return assigned(path.read_bytes(), name)
        except (OSError, SyntaxError, ValueError):
            continue
    return None


def has_file(release: str, images: Path | None) -> bool:
    """Whether a release is one, with a file of its own: one that has none is made of several, or is not there."""
    return _file(release, images).is_file()


def _file(release: str, images: Path | None) -> Path:
    own = images / "releases" if images else None
    folder = own if own and own.is_dir() else _IMAGES / "releases"
    return folder / f"{release}.toml"
