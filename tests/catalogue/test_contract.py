"""The catalogue keeps the contract that kolla-ansible and operators' overrides rely on."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from kollage.catalogue import load_catalogue
from kollage.image import BASES, Account, Image, User
from kollage.options import Options
from kollage.releases import RELEASES
from kollage.render import renderer

CATALOGUE = load_catalogue()
RECORD = Path(__file__).parent / "contract"
LOCK = RELEASES / f"{Options().release}.lock"


def record(name: str) -> Mapping[str, Any]:
    """What the contract says, as contract/renew.py copied it."""
    facts: Mapping[str, Any] = json.loads((RECORD / f"{name}.json").read_text(encoding="utf-8"))
    return facts


IMAGES, BLOCKS, OLDER = record("images"), record("blocks"), record("older")
images = pytest.mark.parametrize("name", IMAGES)
bases = pytest.mark.parametrize("base", BASES)

# what others are verified with, what Kolla has in other images only, and who stands in for a vendor's
OURS = {"docker", "openstackclient", "rsyslog"}
# older images that stand elsewhere now, and why
MOVED = {
    "rsyslog": "it stands in for a vendor's log collector, and has no kin",
    "neutron-infoblox-ipam-agent": "nothing stands on neutron-server any more, so that it has the block `footer`",
}
# Where Kollage differs on purpose: an image, a block or a kind of list, and the reason. All else is kept.
_REPOSITORIES = (
    "repositories are enabled for single commands by image.toml, so no key or package of theirs is installed"
)
_ONE_LIST = "the base has one list of packages: change that one"
_NOT_LAST = "another image stands on it, which has the block `footer`"
DIFFERENT = {
    ("base", "apt_keys"): _REPOSITORIES,
    ("base", "remote_apt_keys"): _REPOSITORIES,
    ("base", "yum_repo_keys"): _REPOSITORIES,
    ("base", "yum_url_packages"): _REPOSITORIES,
    ("base", "centos_yum_repo_keys"): _REPOSITORIES,
    ("base", "centos_yum_repo_packages"): _REPOSITORIES,
    ("base", "centos_language_packages"): _ONE_LIST,
    ("base", "base_ubuntu_package_pre_packages"): _ONE_LIST,
    ("ironic-conductor", "footer"): _NOT_LAST,
    ("ovn-sb-db-server", "footer"): _NOT_LAST,
}


def line_of(name: str | None) -> list[Image]:
    """An image and all it stands on, the image first."""
    return [CATALOGUE.images[name], *line_of(CATALOGUE.images[name].parent)] if name else []


@cache
def dockerfile(name: str, base: str = "debian", override: Path | None = None) -> str:
    options = Options(base=base, template_override=(override,) if override else ())
    make = renderer(CATALOGUE, options, base_image="scratch", constraints=LOCK)
    return make(CATALOGUE.images[name]).dockerfile


def placed(text: str) -> set[str]:
    """The files that a Dockerfile puts into its image."""
    copies = [line.split()[1:] for line in text.splitlines() if line.startswith("COPY ")]
    places = {
        f"{words[-1]}{PurePosixPath(source).name}" if words[-1].endswith("/") else words[-1]
        for words in copies
        for source in words[:-1]
        if not source.startswith("--")
    }
    return places | set(re.findall(r"install -m 0644 /dev/null (\S+)", text))


def test_every_image_of_the_catalogue_is_on_record() -> None:
    assert set(CATALOGUE.images) == {*IMAGES, *OLDER, *OURS}, "python -m tests.catalogue.contract.renew FOLDER"


def test_the_85_accounts_have_their_numbers_and_groups() -> None:
    accounts = {name: Account(uid=uid, gid=gid, group=group) for name, (uid, gid, group) in record("users").items()}
    assert len(accounts) == 85
    assert {name: account for name, account in CATALOGUE.accounts.items() if not account.own} == accounts


def test_an_account_that_is_in_few_images_is_made_by_those() -> None:
    own = [name for name, account in CATALOGUE.accounts.items() if account.own]
    assert own
    assert [name for name in own if f" {name}:" in dockerfile("base")] == []


@images
def test_the_parent_is_the_same(name: str) -> None:
    assert CATALOGUE.images[name].parent == IMAGES[name]["parent"]


@pytest.mark.parametrize("name", sorted(OLDER.keys() - MOVED.keys()))
def test_an_image_that_kolla_no_longer_has_stands_where_it_last_stood(name: str) -> None:
    assert CATALOGUE.images[name].parent == OLDER[name]


@images
def test_leaves_are_leaves(name: str) -> None:
    assert CATALOGUE.is_leaf(name) or not IMAGES[name]["leaf"]


@images
def test_it_runs_as_the_same_user(name: str) -> None:
    users = [image.run_as for image in line_of(name) if image.run_as]
    assert (users or ["root"])[0] == IMAGES[name]["runtime_user"]


@images
def test_it_starts_the_same_way(name: str) -> None:
    entrypoint = next(image.entrypoint for image in line_of(name) if image.entrypoint)
    if "ENTRYPOINT []" in dockerfile(name):  # its command is systemd, which is to be the first process
        entrypoint = ()
    command = next(image.command for image in line_of(name) if image.command)
    assert list(entrypoint) == IMAGES[name]["entrypoint"]
    assert list(command) == IMAGES[name]["cmd"]


@images
def test_it_sets_up_the_same_accounts(name: str) -> None:
    """Home, shell and groups; the frame adds kolla to the groups of each."""
    expected = {
        User(
            name=user,
            home=about["home"],
            shell=about["shell"],
            groups=tuple(sorted(group for group in about["groups"] if group != "kolla")),
        )
        for user, about in IMAGES[name]["users"].items()
    }
    users = CATALOGUE.images[name].users
    assert {replace(user, groups=tuple(sorted(user.groups))) for user in users} == expected


@images
@bases
def test_every_helper_is_where_it_is_looked_for(name: str, base: str) -> None:
    there = {path for image in line_of(name) for path in placed(dockerfile(image.name, base))}
    assert set(IMAGES[name]["helper_files"]) - there == set()


@images
@bases
def test_every_program_that_is_run_is_promised(name: str, base: str) -> None:
    binaries = IMAGES[name]["binaries"]
    wanted = binaries["deb" if base in {"debian", "ubuntu"} else "rpm"] if isinstance(binaries, dict) else binaries
    promised = {PurePosixPath(command).name for image in line_of(name) for command in image.commands.on(base)}
    helpers = {PurePosixPath(path).name for image in line_of(name) for path in placed(dockerfile(image.name, base))}
    assert {PurePosixPath(path).name for path in wanted} - promised - helpers == set()


@images
@bases
def test_every_block_can_be_overridden(name: str, base: str, tmp_path: Path) -> None:
    """An override that fills each block with a line of its own finds each line in the Dockerfile."""
    names = [block for block in BLOCKS[name]["blocks"] if (name, block) not in DIFFERENT]
    override = tmp_path / "override.j2"
    override.write_text("".join(f"{{% block {block} %}}\n# marker {block}\n{{% endblock %}}\n" for block in names))
    lines = dockerfile(name, base, override).splitlines()
    assert [block for block in names if lines.count(f"# marker {block}") != 1] == []


@images
@bases
def test_every_list_can_be_changed(name: str, base: str, tmp_path: Path) -> None:
    kinds = [
        kind
        for kind, where in BLOCKS[name]["lists"].items()
        if (where == "all" or base in where) and (name, kind) not in DIFFERENT
    ]
    override = tmp_path / "override.j2"
    stem = name.replace("-", "_")
    override.write_text("".join(f"{{% set {stem}_{kind}_append = ['marker-{kind}'] %}}\n" for kind in kinds))
    words = dockerfile(name, base, override).replace(";", "").split()
    assert [kind for kind in kinds if f"marker-{kind}" not in words] == []


def test_differences_are_listed_only_where_there_is_one() -> None:
    known = {(name, each) for name, about in BLOCKS.items() for each in (*about["blocks"], *about["lists"])}
    assert set(DIFFERENT) <= known


@images
def test_labels_say_who_keeps_it_and_what_it_is(name: str) -> None:
    assert f'LABEL maintainer="Kollage" name="{name}"\n' in dockerfile(name)
