"""The facts that come with Kollage mean what the peer's mean, and templates get the same text to the byte."""

import dataclasses
import itertools
import random
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from kollage.catalogue import load_catalogue
from kollage.errors import RenderError
from kollage.facts import read
from kollage.image import ARCHITECTURES, BASES, FAMILIES, Account
from kollage.repositories import Repositories, debian_package_install, load_repositories, load_sources
from tests.peer.facts.renew import FACTS, ask, read_yaml

CODENAME = "Hibiscus"
DEFAULT = FACTS / "repos.yaml"
USUAL = read_yaml(DEFAULT)
PLACES = tuple(itertools.product(BASES, ARCHITECTURES))
APPSTREAM = {"name": "appstream", "baseurl": "https://mirror.example.org/appstream", "gpgkey": "file:///key"}
BASEOS = {"name": "baseos", "metalink": "https://mirror.example.org/baseos", "gpgkey": "file:///key"}
CRB = {"name": "crb", "mirrorlist": "https://mirror.example.org/crb", "gpgkey": "file:///one\nfile:///two\n"}
DEB = {"url": "https://mirror.example.org/debian", "suite": "sid", "component": "main", "gpg_key": "/own.asc"}
ONLY = {"build_only": True}
OVERRIDES: Mapping[str, Mapping[str, Any]] = {
    "an address is replaced": {
        "rpm": {"grafana": {"name": "grafana", "baseurl": "http://mirror/grafana", "gpgkey": "k", "gpgcheck": 1}},
        "deb": {"grafana": {**DEB, "trusted": True, "arch": "amd64"}},
    },
    "a name is new": {"rpm": {"mine": BASEOS}, "debian": {"mine": DEB}, "ubuntu-aarch64": {"mine": DEB}},
    "a section is new": {"centos": {"mine": BASEOS}, "centos-aarch64": {"mine": CRB}, "debian-x86_64": {"mine": DEB}},
    "the whole group of the distribution": {"rocky": {"appstream": APPSTREAM, "baseos": BASEOS, "crb": CRB}},
    "the whole group for the build alone": {
        "rocky": {"appstream": {**APPSTREAM, **ONLY}, "baseos": {**BASEOS, **ONLY}, "crb": {**CRB, **ONLY}},
        "rpm": {"epel": {**BASEOS, "name": "epel", **ONLY}, "extras": {"name": "extras", "distro": True, **ONLY}},
        "debian": {"debian": {**DEB, **ONLY}, "rabbitmq": {**DEB, **ONLY}, "docker-ce": {**DEB, **ONLY}},
        "ubuntu": {"ubuntu-security": {**DEB, **ONLY}, "mine": {**DEB, **ONLY}},
    },
    "a part of the group": {"rocky": {"appstream": APPSTREAM}},
    "a part of the group from below": {"rpm": {"crb": CRB}},
    "another file": {"rocky": {"appstream": {**APPSTREAM, "file_group": "own.repo"}, "baseos": BASEOS, "crb": CRB}},
    "no key": {"rpm": {"epel": {"name": "epel", "baseurl": "u"}}, "deb": {"grafana": {"url": "u", "suite": "s"}}},
    "no address": {"rpm": {"epel": {"name": "epel", "gpgkey": "k"}}, "deb": {"grafana": {"suite": "s"}}},
    "no name": {"rpm": {"epel": {"baseurl": "u", "gpgkey": "k"}, "extras": {"distro": True}}},
    "values of other kinds": {
        "rpm": {
            "epel": {"name": 8, "metalink": 9, "gpgkey": "k", "gpgcheck": True},
            "ceph": {"name": "c", "gpgkey": 1},
        },
        "deb": {"grafana": {**DEB, "component": None, "arch": ["a"]}, "opensearch": {**DEB, "suite": 1}},
    },
}


def test_the_repositories_are_the_same_in_the_same_order(package: Path) -> None:
    ours, theirs = USUAL, read_yaml(package / "template" / "repos.yaml")
    assert ours == theirs, "python -m tests.peer.facts.renew PEER_PREFIX"
    assert {section: list(names) for section, names in ours.items()} == {
        section: list(names) for section, names in theirs.items()
    }


def test_the_79_sources_are_the_same(package: Path) -> None:
    ours, theirs = load_sources(FACTS / "sources.yaml"), read_yaml(package / "common" / "sources.yaml")
    unused = {"lts_branch", "github"}  # they are for a program that looks for newer versions
    assert len(ours) == 79
    assert ours == {name: {k: v for k, v in facts.items() if k not in unused} for name, facts in theirs.items()}
    assert read_yaml(FACTS / "sources.yaml") == ours


def test_the_unbuildable_images_are_the_same_and_each_has_a_reason(peer: Path) -> None:
    facts = read(FACTS / "unbuildable.toml")
    reasons = {place: facts.mapping(place) for place in facts.names()}
    assert {place: sorted(images) for place, images in reasons.items()} == ask(peer, {"unbuildable": True})
    assert [reason for images in reasons.values() for reason in images.values() if not reason.strip()] == []


def test_the_accounts_are_the_same(peer: Path) -> None:
    theirs = {name.removesuffix("-user"): about for name, about in ask(peer, {"users": True}).items()}
    accounts = load_catalogue().accounts
    assert {name: account for name, account in accounts.items() if not account.own} == {
        name: Account(uid=about["uid"], gid=about["gid"], group=about.get("group", name))
        for name, about in theirs.items()
    }


@pytest.mark.parametrize("packages", [[], ["a"], ["a", "b"], ["http://host/c.deb", "a", "https://host/d"], ["httpd"]])
@pytest.mark.parametrize("more", [[], [True], [False]])
def test_debian_packages_are_installed_the_same_way(peer: Path, packages: list[str], more: list[bool]) -> None:
    [theirs] = ask(peer, {"calls": [["debian_package_install", [packages, *more]]]})
    assert debian_package_install(packages, *more) == theirs["text"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a template's, in the words of both sides."""

    function: str
    base: str
    arch: str
    names: list[str] = dataclasses.field(default_factory=list)
    mode: str = ""

    def of_the_peer(self, override: Path | None) -> list[object]:
        context = {
            "repos_yaml": str(override or ""),
            "base_package_type": FAMILIES[self.base],
            "base_distro": self.base,
            "base_arch": self.arch,
            "image_name": "base",
            "openstack_release_codename": CODENAME,
        }
        return [self.function, [context, self.names, self.mode] if self.names else [context]]

    def of_ours(self, repositories: Repositories) -> str | None:
        """The text, or None where it is refused."""
        place = {"package_type": FAMILIES[self.base], "base": self.base, "arch": self.arch}
        if self.function == "cleanup_repos":
            return repositories.cleanup(**place)
        handle = partial(repositories.handle, self.names, self.mode, codename=CODENAME, image="base")
        try:
            return handle(**place)
        except RenderError:
            return None


def names_known(override: Mapping[str, Any]) -> list[str]:
    sections = [*USUAL.values(), *override.values()]
    return sorted({name for section in sections for name in section})


def calls(override: Mapping[str, Any]) -> Iterator[Call]:
    """Each name alone, some together, and cleaning up: in every place."""
    known = names_known(override)
    several = [known[start : start + 3] for start in range(0, len(known), 2)]
    together = [["erlang", "debian"], ["debian", "erlang"], ["appstream", "crb", "baseos"], ["grafana", "grafana"]]
    modes = ("enable", "disable")
    for base, arch in PLACES:
        yield Call(function="cleanup_repos", base=base, arch=arch)
        for names, mode in itertools.product([*([name] for name in known), *several, *together, ["unheard-of"]], modes):
            yield Call(function="handle_repos", base=base, arch=arch, names=names, mode=mode)
        yield Call(function="handle_repos", base=base, arch=arch, names=["grafana"], mode="anything")


def compare(peer: Path, overrides: Mapping[Path | None, list[Call]]) -> list[str | None]:
    """Ask both sides all at once, and give the answers on which they agree."""
    asked = [(override, call) for override, some in overrides.items() for call in some]
    answers = ask(peer, {"calls": [call.of_the_peer(override) for override, call in asked]})
    ours = {override: load_repositories(default=DEFAULT, override=override) for override in overrides}
    texts = [call.of_ours(ours[override]) for override, call in asked]
    differences = [
        (override and override.read_text(), call, text, answer)
        for (override, call), text, answer in zip(asked, texts, answers, strict=True)
        if text != answer.get("text")
    ]
    assert differences[:1] == []
    return texts


def written(folder: Path, name: str, override: Mapping[str, Any]) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(override, sort_keys=False), encoding="utf-8")
    return path


def test_without_an_override_every_text_is_the_same(peer: Path) -> None:
    texts = compare(peer, {None: list(calls({}))})
    assert {text.split()[0] for text in texts if text} == {"RUN"}


@pytest.mark.parametrize("name", OVERRIDES)
def test_with_an_override_every_text_is_the_same(peer: Path, tmp_path: Path, name: str) -> None:
    override = OVERRIDES[name]
    assert any(compare(peer, {written(tmp_path, "override", override): list(calls(override))}))


@pytest.mark.parametrize("name", ["a part of the group", "a part of the group from below"])
def test_both_refuse_to_lose_the_rest_of_a_group(peer: Path, tmp_path: Path, name: str) -> None:
    """Whatever the template asks for: the file would be gone for all."""
    some = [call for call in calls({}) if call.base == "rocky" and call.function == "handle_repos"]
    assert set(compare(peer, {written(tmp_path, "override", OVERRIDES[name]): some})) == {None}


def test_with_any_override_every_text_is_the_same(peer: Path, tmp_path: Path) -> None:
    """Entries put together by chance, the same each time."""
    chance = random.Random(23)
    overrides: dict[Path | None, list[Call]] = {}
    for number in range(60):
        override = any_override(chance)
        overrides[written(tmp_path, f"{number}", override)] = list(any_calls(chance, override))
    texts = [text or "" for text in compare(peer, overrides)]
    assert sum("kolla-repos-backup" in text for text in texts) > len(texts) / 10


def any_override(chance: random.Random) -> Mapping[str, Any]:
    """A few entries in a few sections, most of them in the place of one that is there."""
    sections = chance.sample([*USUAL, "centos", "rocky-x86_64", "debian-x86_64"], 5)
    return {
        section: {name: any_entry(chance) for name in chance.sample([*USUAL.get(section, ()), "crb", "mine", "own"], 3)}
        for section in sections
    }


def any_calls(chance: random.Random, override: Mapping[str, Any]) -> Iterator[Call]:
    """Cleaning up in every place, and some names that are known there."""
    for base, arch in PLACES:
        yield Call(function="cleanup_repos", base=base, arch=arch)
        sections = (FAMILIES[base], base, f"{base}-{arch}")
        known = sorted({name for file in (USUAL, override) for s in sections for name in file.get(s, ())})
        for mode in ("enable", "enable", "enable", "enable", "disable"):
            names = chance.sample(known, chance.randint(1, 3))
            yield Call(function="handle_repos", base=base, arch=arch, names=names, mode=mode)


def any_entry(chance: random.Random) -> Mapping[str, Any]:
    """An entry that says most of what can be said, for either family."""
    values: Mapping[str, list[Any]] = {
        "distro": [True, False],
        "build_only": [True, True, False],
        "file_group": ["rocky.repo", "mine.repo", "", None],
        "name": ["one", "two"],
        "baseurl": ["http://mirror/a", "http://mirror/a\nhttp://mirror/b\n", ""],
        "metalink": ["http://mirror/m"],
        "mirrorlist": ["http://mirror/l"],
        "gpgkey": ["file:///one", "file:///one\nfile:///two", ""],
        "gpgcheck": [0, 1],
        "repo_gpgcheck": [0, 1],
        "url": ["http://mirror/u"],
        "suite": ["sid", "updates/{openstack_release_codename}"],
        "component": ["main", ""],
        "gpg_key": ["own.asc", "/own.asc"],
        "trusted": [True, False],
        "arch": ["amd64"],
    }
    rare = {"distro": 0.3, "file_group": 0.3, "build_only": 0.5, "trusted": 0.3, "arch": 0.3}
    return {key: chance.choice(some) for key, some in values.items() if chance.random() < rare.get(key, 0.9)}
