"""Folders laid over each other, seen as one tree: what images and their build contexts are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kollage.folders import names_below
from kollage.image import Layered

FACTS = "image.toml"
TEMPLATE = "Dockerfile.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The folder of an image: its place below the root and all its files, by their path within it."""

    place: str
    files: Mapping[str, Layered]

    @property
    def name(self) -> str:
        """What the image is called."""
        return PurePosixPath(self.place).name

    @property
    def is_whole(self) -> bool:
        """Whether its template is a whole Dockerfile, as Kolla has them: no facts, or it lies above them."""
        if TEMPLATE not in self.files:
            return False
        return FACTS not in self.files or self.files[TEMPLATE].layer > self.files[FACTS].layer

    def file(self, name: str) -> Path:
        """Where one of its files really is."""
        return self.files[name].path


def overlaid(roots: Sequence[Path]) -> Mapping[str, Layered]:
    """Every file by its path below the root; of several at one path the last root's."""
    return {name: Layered(root, name, layer) for layer, root in enumerate(roots) for name in names_below(root)}


def image_folders(tree: Mapping[str, Layered]) -> list[Folder]:
    """The folders of the tree that are images, by their place."""
    places = {str(path.parent) for path in map(PurePosixPath, tree) if path.name in {FACTS, TEMPLATE}}
    files: dict[str, dict[str, Layered]] = {place: {} for place in sorted(places)}
    for name, file in tree.items():
        place = _place(PurePosixPath(name), places)
        if place is not None:
            files[place][str(PurePosixPath(name).relative_to(place))] = file
    return [Folder(place=place, files=dict(sorted(found.items()))) for place, found in files.items()]


def _place(path: PurePosixPath, places: set[str]) -> str | None:
    """The image that a file belongs to: that of the nearest folder above it."""
    return next((str(folder) for folder in path.parents if str(folder) in places), None)
