"""Whether installed distributions have what their metadata requires, for the Python of the image."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kollage.verify.prover.distributions import Distribution, Environment

Extras = Mapping[str, frozenset[str]]  # what is asked for of each distribution

_OF_A_TREE = re.compile(r"/(?:.*/)?(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?")  # /keystone[ldap]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A requirement of a distribution that the environment does not fulfil."""

    distribution: str
    requirement: str  # the name of what is required, or what else is wrong
    message: str


def unmet(environment: Environment, machine: str, wanted: Sequence[str]) -> Iterator[Unmet]:
    """What is missing, too old or too new; `wanted` are the requirements of the image, which may name extras."""
    markers = _markers(environment.version, machine)
    everything = (*environment.own, *environment.system)
    installed = {each.name: each for each in reversed(everything)}
    extras = _extras(installed, markers, wanted)
    yield from _twice(environment.own)
    for each in everything:
        if installed[each.name] is each:
            yield from _of_one(each, installed, markers, extras.get(each.name, frozenset()))


def left_out(distribution: Distribution, environment: Environment, machine: str) -> Sequence[str]:
    """What a distribution requires only for some extra, as far as it is not installed: nobody asked for it."""
    installed = {each.name for each in (*environment.own, *environment.system)}
    markers = _markers(environment.version, machine)
    parsed = (each for each in map(_parsed, distribution.requirements) if each)
    names = (canonicalize_name(each.name) for each in parsed if not _holds(each.marker, markers, frozenset()))
    return [name for name in names if name not in installed]


def _of_one(
    distribution: Distribution,
    installed: Mapping[str, Distribution],
    markers: Mapping[str, str],
    extras: frozenset[str],
) -> Iterator[Unmet]:
    found = _version(distribution.version)
    if found is None:
        yield _wrong(distribution, "version", f"has no version that could be read: {distribution.version!r}")
    if not _fits(markers["python_full_version"], distribution.requires_python):
        wrong = f"is for Python {distribution.requires_python}, and this is {markers['python_full_version']}"
        yield _wrong(distribution, "python", wrong)
    for text in distribution.requirements:
        requirement = _parsed(text)
        if requirement is None:
            yield _wrong(distribution, "requirement", f"has a requirement that cannot be read: {text!r}")
        elif _holds(requirement.marker, markers, extras):
            yield from _of_requirement(distribution, requirement, installed)


def _of_requirement(
    distribution: Distribution, requirement: Requirement, installed: Mapping[str, Distribution]
) -> Iterator[Unmet]:
    name = canonicalize_name(requirement.name)
    there = installed.get(name)
    asked = f"{requirement.name}{requirement.specifier}"
    if there is None:
        yield _wrong(distribution, name, f"requires {asked}, which is not installed")
    elif not _fits(there.version, str(requirement.specifier)):
        yield _wrong(distribution, name, f"requires {asked}, and {there.version} is installed")


def _twice(distributions: Sequence[Distribution]) -> Iterator[Unmet]:
    first: dict[str, Distribution] = {}
    for each in distributions:
        earlier = first.setdefault(each.name, each)
        if earlier is not each:
            yield _wrong(each, each.name, f"is installed twice: {earlier.version} and {each.version}")


def _extras(installed: Mapping[str, Distribution], markers: Mapping[str, str], wanted: Sequence[str]) -> Extras:
    """The extras that the image and the distributions ask for; one that is asked for can ask for more."""
    found: dict[str, frozenset[str]] = {}
    asked = [(name, extras) for each in wanted for name, extras in _asked(each)]
    asked += [(name, frozenset()) for name in installed]
    while asked:
        name, extras = asked.pop()
        if name not in installed or (name in found and extras <= found[name]):
            continue
        found[name] = found.get(name, frozenset()) | extras
        requirements = (each for each in map(_parsed, installed[name].requirements) if each)
        holding = [each for each in requirements if _holds(each.marker, markers, found[name])]
        asked += [(canonicalize_name(each.name), _names(each.extras)) for each in holding]
    return found


def _asked(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    tree = _OF_A_TREE.fullmatch(text)
    requirement = _parsed(f"{tree['name']}{tree['extras'] or ''}" if tree else text)
    if requirement:
        yield canonicalize_name(requirement.name), _names(requirement.extras)


def _names(extras: set[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(each) for each in extras)


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _holds(marker: Marker | None, markers: Mapping[str, str], extras: frozenset[str]) -> bool:
    if marker is None:
        return True
    try:
        return any(marker.evaluate({**markers, "extra": extra}) for extra in ("", *extras))
    except (KeyError, UndefinedComparison, UndefinedEnvironmentName):
        return False


def _fits(version: str, specifier: str) -> bool:
    """Whether a version is among those asked for; one that cannot be read is told of once, where it is."""
    found = _version(version)
    try:
        return found is None or SpecifierSet(specifier).contains(found, prereleases=True)
    except InvalidSpecifier:
        return True


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _markers(version: str, machine: str) -> Mapping[str, str]:
    """What markers are evaluated with: the image's Python, not the one that runs this."""
    return {
        "implementation_name": "cpython",
        "implementation_version": version,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": "linux",
    }


def _wrong(distribution: Distribution, requirement: str, message: str) -> Unmet:
    return Unmet(distribution=distribution.name, requirement=requirement, message=f"{distribution.name} {message}")
