"""The catalogue as a release has it on its base: what it lacks, what its images have besides, how packages are called.

Nothing here changes an image on the newest suite with a release that says nothing of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from packaging.utils import canonicalize_name

from kollage.catalogue import Catalogue, part
from kollage.catalogue.inherited import inherited
from kollage.errors import CatalogueError
from kollage.facts import Facts, nearest, read
from kollage.image import SUITES, Absence, Image, PerBase, Python
from kollage.options import Options
from kollage.releases import bases, folder_of, path_of, projects, release_facts, release_names, sets

_SUITES = "suites.toml"  # what older suites call the packages that the catalogue names as the newest does


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What a release has to say about images."""

    name: str
    until: str  # the day from which on nothing is in it
    projects: Mapping[str, frozenset[str]]  # by set, "" for the release itself: names on the package index
    bases: Mapping[str, str]  # base -> tag; none: it is not held to any
    additions: Mapping[str, "_Addition"]
    part_of: str = ""
    larger: int = 0  # MB that an image may hold more than on the newest suite

    def knows(self, project: str) -> bool:
        """Whether the release or one of its sets has a version of a project, or a set of that name."""
        return project in self.projects or any(canonicalize_name(project) in names for names in self.projects.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addition:
    """What an image has besides in one release."""

    packages: tuple[str, ...]
    python: tuple[str, ...]
    wheels: tuple[str, ...]
    compilers: tuple[str, ...]
    size: int  # MB that its files may have together; 0: as everywhere
    exceptions: Mapping[str, str]  # findings that are right in this release, with their reasons; the children's, too
    absent: str  # why the release has no such image although it has its project; "": it has one


def offered(catalogue: Catalogue, options: Options) -> Catalogue:
    """The catalogue as the release that the options name has it. Raises `CatalogueError` for a mistake in its file.

    Images with a whole Dockerfile bring what they need of a release themselves: among them one that is not here changes
    nothing.
    """
    folder = folder_of(catalogue.root)
    whole = [image.whole for image in catalogue.images.values()]
    file = folder / f"{options.release}.toml"
    if all(whole) or (any(whole) and not file.is_file()):
        return catalogue
    file = path_of(options.release, folder)
    offer = _read(file)
    _check(offer, file, catalogue)
    absences = _absences(catalogue, offer, folder, options)
    names = _package_names(catalogue.root, options.base_tag)
    images = {
        name: image if image.whole else _renamed(_with(_larger(image, offer), offer.additions.get(name)), names)
        for name, image in catalogue.images.items()
    }
    if any(addition.exceptions for addition in offer.additions.values()):
        images = inherited(images)
    marked = {name: replace(image, absent=absences.get(name)) for name, image in images.items()}
    return replace(catalogue, images=MappingProxyType(marked))


def members(name: str, folder: Path) -> tuple[str, ...]:
    """The releases that are part of one of that name, which has no file of its own; newest first."""
    if (folder / f"{name}.toml").is_file():
        return ()
    return tuple(each for each in reversed(release_names(folder)) if _part_of(folder / f"{each}.toml") == name)


def _part_of(file: Path) -> str:
    return release_facts(file).text("part-of", "")


# --- what a release lacks ---


def _absences(catalogue: Catalogue, offer: _Offer, folder: Path, options: Options) -> dict[str, Absence]:
    """The images that the release does not have here, each with the reason."""
    elsewhere = _wrong_base(offer, options)
    described = {name: image for name, image in catalogue.images.items() if not image.whole}
    if elsewhere:
        return dict.fromkeys(described, elsewhere)
    lacking = {name: _lacking_in(described, name, offer) for name in described}
    said = [name for name, addition in offer.additions.items() if addition.absent]
    others = _others(offer.name, folder) if said or any(lacking.values()) else {}
    absences = {name: _absence(offer.name, project, others) for name, project in lacking.items() if project}
    absences |= {name: _said(name, offer, others) for name in said}
    return {**_without_children(described, absences), **absences}


def _said(name: str, offer: _Offer, others: Mapping[str, _Offer]) -> Absence:
    """Of an image that the release says it has not: why, and the newest release that has it."""
    having = (each for each in others.values() if name not in each.additions or not each.additions[name].absent)
    return Absence(
        reason=f"release {offer.name} has no {name}: {offer.additions[name].absent}",
        instead=next((f"say --release {each.part_of or each.name}" for each in having), ""),
    )


def _without_children(images: Mapping[str, Image], absences: Mapping[str, Absence]) -> dict[str, Absence]:
    """The images that are there for others alone, all of which are absent: what is the matter with those."""
    children: dict[str, list[str]] = {}
    for name, image in images.items():
        children.setdefault(image.parent or "", []).append(name)
    useless = (name for name in images if name in children and all(each in absences for each in children[name]))
    return {name: absences[children[name][0]] for name in useless}


def _wrong_base(offer: _Offer, options: Options) -> Absence | None:
    if not offer.bases or offer.bases.get(options.base) == options.base_tag:
        return None
    known = [f"{base} {tag}" for base, tag in offer.bases.items()]
    base, tag = next(iter(offer.bases.items()))
    return Absence(
        reason=f"release {offer.name} stands on {' or '.join(known)}, not on {options.base} {options.base_tag}",
        instead=f"say --base {base} --base-tag {tag}",
    )


def _lacking_in(images: Mapping[str, Image], name: str, offer: _Offer) -> str:
    """What an image or one that it stands on is lacking; a circle is told of where the graph is made."""
    seen: set[str] = set()
    while name in images and name not in seen:
        seen.add(name)
        if project := _lacking(images[name], offer):
            return project
        name = images[name].parent or ""
    return ""


def _lacking(image: Image, offer: _Offer) -> str:
    """The first project of an image's sources that the release has no version of; "" where it has all.

    An image that has nothing of Python but what a set resolved is lacking that.
    """
    if image.python.create and image.python.constraints not in {"", *offer.projects}:
        return image.python.constraints
    wanted = (source for source in image.sources if source.type == "pypi" and not source.version)
    return next((each.location for each in wanted if not _has(offer, each.location, each.constraints)), "")


def _has(offer: _Offer, project: str, constraints: str) -> bool:
    name = canonicalize_name(project)
    return any(name in offer.projects.get(place, ()) for place in ("", constraints))


def _others(name: str, folder: Path) -> Mapping[str, _Offer]:
    """The other releases, newest first."""
    offers = [_read(folder / f"{each}.toml") for each in release_names(folder) if each != name]
    return {offer.name: offer for offer in sorted(offers, key=lambda offer: offer.until, reverse=True)}


def _absence(release: str, project: str, others: Mapping[str, _Offer]) -> Absence:
    having = [offer for offer in others.values() if offer.knows(project)]
    reason = f"release {release} has no {project}"
    if not having:
        return Absence(reason=reason, instead=f"give {project} a version in {release}.toml, and make its lock anew")
    names = ", ".join(offer.name for offer in having)
    return Absence(
        reason=f"{reason}; {names} {'has' if len(having) == 1 else 'have'}",
        instead=f"say --release {having[0].part_of or having[0].name}",
    )


# --- what a release adds, and what a suite calls packages ---


def _larger(image: Image, offer: _Offer) -> Image:
    size = image.verify.size and image.verify.size + offer.larger
    return replace(image, verify=replace(image.verify, size=size)) if offer.larger else image


def _with(image: Image, addition: _Addition | None) -> Image:
    """The image with what it has besides in the release."""
    if addition is None:
        return image
    return replace(
        image,
        packages=_more(image.packages, addition.packages),
        verify=replace(
            image.verify,
            size=addition.size or image.verify.size,
            exceptions={**image.verify.exceptions, **addition.exceptions},
        ),
        python=replace(
            image.python,
            packages=(*image.python.packages, *addition.python),
            wheels=(*image.python.wheels, *addition.wheels),
            compilers=_more(image.python.compilers, addition.compilers),
        ),
    )


def _more(names: PerBase, others: tuple[str, ...]) -> PerBase:
    deb = (*names.only.get("deb", ()), *others)
    return replace(names, only=MappingProxyType({**names.only, "deb": deb})) if others else names


def _renamed(image: Image, names: Mapping[str, str]) -> Image:
    if not names:
        return image
    compilers = _with_names(image.python.compilers, names)
    return replace(
        image, packages=_with_names(image.packages, names), python=replace(image.python, compilers=compilers)
    )


def _with_names(packages: PerBase, names: Mapping[str, str]) -> PerBase:
    return PerBase(
        everywhere=tuple(_called(packages.everywhere, names)),
        only=MappingProxyType({place: tuple(_called(some, names)) for place, some in packages.only.items()}),
    )


def _called(packages: Iterable[str], names: Mapping[str, str]) -> Iterator[str]:
    """The packages by their names in a suite; one that is called "" there is not needed."""
    for package in packages:
        yield from names.get(package, package).split()


def _package_names(root: Path, suite: str) -> Mapping[str, str]:
    facts = read(part(root, _SUITES))
    names = {each: facts.mapping(each) for each in facts.names()}
    for each in names:
        if each not in SUITES:
            raise facts.complaint(each, "is no suite", hint=nearest(each, SUITES) or f"one of {', '.join(SUITES)}")
    return names.get(suite, {})


# --- the file of a release ---


def _read(file: Path) -> _Offer:
    facts = release_facts(file)
    own = {"": projects(facts), **{name: projects(table, required=False) for name, table in sets(facts).items()}}
    images = facts.table("images")
    return _Offer(
        name=file.stem,
        until=facts.table("lock").text("exclude-newer", ""),
        projects={name: frozenset(map(str, map(canonicalize_name, some))) for name, some in own.items()},
        bases=bases(facts),
        additions={name: _addition(images.table(name)) for name in images.names()},
        part_of=facts.text("part-of", ""),
        larger=facts.number("larger", 0),
    )


def _addition(facts: Facts) -> _Addition:
    addition = _Addition(
        packages=facts.texts("packages"),
        python=facts.texts("python"),
        wheels=facts.texts("wheels"),
        compilers=facts.texts("compilers"),
        size=facts.number("size", 0),
        exceptions=facts.mapping("exceptions"),
        absent=facts.text("absent", ""),
    )
    facts.done()
    return addition


def _check(offer: _Offer, file: Path, catalogue: Catalogue) -> None:
    for name, addition in offer.additions.items():
        image = catalogue.images.get(name)
        if image is None:
            hint = nearest(name, catalogue.images) or "see `kollage list`"
            raise CatalogueError(f"{file}: images.{name} is no image of the catalogue", hint=hint)
        if addition.wheels and not addition.compilers and image.python.compilers == Python().compilers:
            raise CatalogueError(f"{file}: images.{name}.wheels need a compiler", hint='add compilers = ["gcc"]')
