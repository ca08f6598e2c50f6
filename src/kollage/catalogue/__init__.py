"""The catalogue: a folder of images, read into frozen values.

Each image is a folder with `image.toml` (docs/reference/image-toml.md describes every key), or with a whole
`Dockerfile.j2` as Kolla writes them. This package reads facts and renders nothing. A mistake in a file is a
`CatalogueError` that names the file, the key and the way out.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kollage.catalogue import kolla, sections
from kollage.catalogue.conventions import with_conventions
from kollage.catalogue.inherited import inherited
from kollage.catalogue.reading import image_of
from kollage.catalogue.tree import Folder, image_folders, overlaid
from kollage.catalogue.unchanged import unchanged
from kollage.errors import CatalogueError
from kollage.facts import Facts, read
from kollage.image import Account, Image, Layered, Repository
from kollage.kept import stamp
from kollage.options import Options

IMAGES = Path(__file__).parents[1] / "images"
_PARTS = ("packages", "package_lists", "repositories", "python", "hooks", "commands", "verify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All images by name, the accounts they share and the folder they came from."""

    root: Path
    images: Mapping[str, Image]
    accounts: Mapping[str, Account]
    repositories: Mapping[str, Repository]
    tree: Mapping[str, Layered] = field(default_factory=dict)  # every file of it, by its path below the root

    def is_leaf(self, name: str) -> bool:
        """Whether no other image stands on this one."""
        return all(image.parent != name for image in self.images.values())


def load_catalogue(root: Path = IMAGES, overlays: Sequence[Path] = ()) -> Catalogue:
    """Read every image below a folder, with others laid over it. Raises `CatalogueError`."""
    if (root / "docker" / "base").is_dir() and (root / "kolla").is_dir():
        raise CatalogueError(f"{root} is a checkout of Kolla's", hint=f"name its images: {root / 'docker'}")
    tree = overlaid((root, *overlays))
    images = inherited(with_conventions(_named(image_folders(tree))))
    if not images:
        raise CatalogueError(
            f"{root}: there is no image in it", hint="an image is a folder with an image.toml or a Dockerfile.j2"
        )
    return Catalogue(
        root=root,
        images=MappingProxyType(images),
        accounts=MappingProxyType(_accounts(root)),
        repositories=MappingProxyType(_repositories(root)),
        tree=MappingProxyType(tree),
    )


def as_before(options: Options, read: Callable[[], Catalogue]) -> Catalogue:
    """What `read` makes of the folders and the settings that the options name, as it was read before.

    Read now where any file below the folders differs, or the sources beside them, or a setting that it goes by.
    """
    root = options.images_dir or IMAGES
    # sources of images with a whole Dockerfile lie beside the folders
    facts = stamp(kolla.facts_file(root, "sources.yaml"))
    said = (options.release, options.base, options.base_tag, options.users, options.sources, facts)
    return unchanged(
        dict.fromkeys((root, *options.docker_dir, IMAGES)),
        repr(said),
        Catalogue,
        lambda: _shared(read()),
        options.cache_dir,
    )


def _shared(catalogue: Catalogue) -> Catalogue:
    """The catalogue with one value where images have equal ones: most say nothing about most things."""
    values: dict[str, Any] = {}

    def one(value: Any) -> Any:
        return values.setdefault(repr(value), value)

    images = {
        name: dataclasses.replace(image, **{part: one(getattr(image, part)) for part in _PARTS})
        for name, image in catalogue.images.items()
    }
    return dataclasses.replace(catalogue, images=MappingProxyType(images))


def part(root: Path, name: str) -> Path:
    """What all images of a catalogue share: its own file or folder of that name, else Kollage's."""
    own = root / name
    return own if own.exists() else IMAGES / name


def with_options(catalogue: Catalogue, options: Options) -> Catalogue:
    """The catalogue as the configuration file changes it: sources and numbers of accounts. Raises `UsageError`.

    Images with a whole Dockerfile have their sources elsewhere: see `with_kolla_sources`.
    """
    accounts = sections.changed_accounts(catalogue.accounts, options.users)
    changed = dataclasses.replace(catalogue, accounts=MappingProxyType(accounts))
    return with_kolla_sources(changed, options) if options.sources else changed


def with_kolla_sources(catalogue: Catalogue, options: Options) -> Catalogue:
    """The catalogue with the sources of images that have a whole Dockerfile, which is no place to say them."""
    images = sections.changed_images(catalogue.images, options.sources, kolla.sources(catalogue.root))
    return dataclasses.replace(catalogue, images=MappingProxyType(images))


def _named(folders: Iterable[Folder]) -> dict[str, Image]:
    """The images of the folders by name; two of one name are a mistake."""
    images: dict[str, Image] = {}
    for image in map(image_of, folders):
        if not image.name:
            raise CatalogueError(
                f"{image.folder}: it is an image itself, and not a folder of images", hint="name the folder above it"
            )
        if image.name in images:
            raise CatalogueError(
                f"{image.folder}: there is an image '{image.name}' already in {images[image.name].folder}",
                hint="an image is named after its folder; rename one of them",
            )
        images[image.name] = kolla.with_reasons(image) if image.whole else image
    return images


def _accounts(root: Path) -> dict[str, Account]:
    facts = read(part(root, "users.toml"))
    return {name: _account(name, facts.table(name)) for name in facts.names()}


def _account(name: str, facts: Facts) -> Account:
    uid = facts.number("uid")
    account = Account(uid=uid, gid=facts.number("gid", uid), group=facts.text("group", name), own=facts.flag("own"))
    facts.done()
    return account


def _repositories(root: Path) -> dict[str, Repository]:
    facts = read(part(root, "repositories.toml"))
    return {name: _repository(facts.table(name)) for name in facts.names()}


def _repository(facts: Facts) -> Repository:
    if facts.flag("distribution"):
        repository = Repository()
    else:
        repository = Repository(baseurl=facts.text("baseurl"), gpgkey=facts.text("gpgkey"))
    facts.done()
    return repository
