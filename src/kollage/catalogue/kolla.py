"""What Kolla's own images need beside their templates: sources, repositories, and where they do not build.

A tree of Kolla's has these facts beside it, in its package; for any other the facts of Kolla 23 come with Kollage.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from kollage.image import Image, Source
from kollage.repositories import load_sources

_FACTS = Path(__file__).parents[1] / "images" / "kolla"
_BESIDE = {
    "sources.yaml": ("common/sources.yaml", "common/sources.py"),  # as code up to 2026.1
    "repos.yaml": ("template/repos.yaml",),
}


def facts_file(root: Path, name: str) -> Path:
    """The file of that name beside a tree of Kolla's, in a package or a checkout; else the one that comes with us."""
    beside = (folder / place for folder in (root.parent, root.parent / "kolla") for place in _BESIDE[name])
    return next((path for path in beside if path.is_file()), _FACTS / name)


def sources(root: Path) -> Mapping[str, Source]:
    """The sources of Kolla's images by their section. Raises `UsageError`."""
    return {name: _source(name, facts) for name, facts in load_sources(facts_file(root, "sources.yaml")).items()}


def with_reasons(image: Image) -> Image:
    """The image with where it is known not to build, and why."""
    return replace(image, unsupported=_unbuildable().get(image.name, {}))


@cache
def _unbuildable() -> Mapping[str, Mapping[str, str]]:
    """Reasons by image, then by place."""
    places = tomllib.loads((_FACTS / "unbuildable.toml").read_text(encoding="utf-8"))
    images: dict[str, dict[str, str]] = {}
    for place, reasons in places.items():
        for name, reason in reasons.items():
            images.setdefault(name, {})[place] = reason
    return images


def _source(name: str, facts: Mapping[str, object]) -> Source:
    digests = facts.get("sha256", {})
    return Source(
        name=name,
        type=str(facts["type"]),
        location=str(facts["location"]),
        reference=str(facts.get("reference", "")),
        version=str(facts.get("version", "")),
        sha256=digests if isinstance(digests, Mapping) else {},
    )
