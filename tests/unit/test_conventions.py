"""What images of one system do alike needs no words; what an image.toml says holds instead."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue import load_catalogue
from kollage.catalogue.conventions import mode_of
from kollage.errors import CatalogueError
from kollage.image import File, Image, Python, Source


def images_of(root: Path, files: Mapping[str, str]) -> Mapping[str, Image]:
    """The images of a folder with these files; each image.toml has a description already."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'description = "d"\n{text}' if name.endswith("image.toml") else text, encoding="utf-8")
    return load_catalogue(root).images


def aodh(root: Path, files: Mapping[str, str] = {}) -> Mapping[str, Image]:
    """A system of two images."""
    base = {"base/image.toml": "", "aodh/aodh-base/image.toml": 'parent = "base"\n', "aodh/aodh-api/image.toml": ""}
    return images_of(root, {**base, **files})


def test_an_image_stands_on_the_one_that_its_system_shares(tmp_path: Path) -> None:
    images = aodh(tmp_path, {"aodh/aodh-tool/image.toml": 'parent = "base"'})
    assert [images[name].parent for name in ("aodh-api", "aodh-base", "aodh-tool", "base")] == [
        "aodh-base",
        "base",
        "base",
        None,
    ]


def test_other_images_stand_on_what_code_of_openstack_or_all_images_stand_on(tmp_path: Path) -> None:
    images = aodh(
        tmp_path,
        {
            "openstack-base/image.toml": "",
            "horizon/image.toml": 'source.project = "horizon"',
            "tool/image.toml": 'source = { project = "tool", unpack = false }',
            "chrony/image.toml": "",
        },
    )
    found = {name: images[name].parent for name in ("openstack-base", "horizon", "tool", "chrony")}
    assert found == {"openstack-base": "base", "horizon": "openstack-base", "tool": "base", "chrony": "base"}


def test_an_image_of_a_catalogue_without_a_base_stands_on_none(tmp_path: Path) -> None:
    assert images_of(tmp_path, {"chrony/image.toml": ""})["chrony"].parent is None


@pytest.mark.parametrize(
    ("text", "healthy"),
    [
        ('verify.needs = ["rabbitmq"]\ncommands = ["aodh-worker", "x"]', ("healthcheck_port", "aodh-worker", "5672")),
        ('verify.needs = ["rabbitmq"]\ncommands = ["a"]\nverify.healthy = ["true"]', ("true",)),
        ('verify.needs = ["rabbitmq"]\ncommands = ["a"]\nverify.not-started = "no card"', ()),
        ('verify.needs = ["mariadb-server"]\ncommands = ["a"]', ()),
    ],
)
def test_a_worker_is_well_when_it_is_connected_to_the_queue(
    tmp_path: Path, text: str, healthy: tuple[str, ...]
) -> None:
    assert aodh(tmp_path, {"aodh/aodh-api/image.toml": text})["aodh-api"].verify.healthy == healthy


def test_a_start_script_is_the_start_or_what_the_parents_start_calls(tmp_path: Path) -> None:
    images = aodh(tmp_path, {"aodh/aodh-base/extend_start.sh": "", "aodh/aodh-api/extend_start.sh": ""})
    assert images["aodh-base"].files == (File(name="extend_start.sh", to="/usr/local/bin/kolla_extend_start"),)
    assert images["aodh-api"].files == (File(name="extend_start.sh", to="/usr/local/bin/kolla_aodh_extend_start"),)


def test_without_one_in_its_parent_a_start_script_is_the_start(tmp_path: Path) -> None:
    images = aodh(tmp_path, {"aodh/aodh-api/extend_start.sh": ""})
    assert images["aodh-api"].files == (File(name="extend_start.sh", to="/usr/local/bin/kolla_extend_start"),)


def test_rules_of_sudo_are_read_by_root_alone(tmp_path: Path) -> None:
    images = aodh(tmp_path, {"aodh/aodh-api/aodh_sudoers": ""})
    assert images["aodh-api"].files == (File(name="aodh_sudoers", to="/etc/sudoers.d/kolla_aodh_sudoers", mode=0o440),)


def test_a_file_that_image_toml_speaks_of_is_copied_as_it_says_alone(tmp_path: Path) -> None:
    text = 'files."extend_start.sh" = "/usr/local/bin/kolla_other"'
    images = aodh(tmp_path, {"aodh/aodh-api/image.toml": text, "aodh/aodh-api/extend_start.sh": ""})
    assert images["aodh-api"].files == (File(name="extend_start.sh", to="/usr/local/bin/kolla_other", mode=0o755),)


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("/usr/local/bin/tool", 0o755),
        ("/usr/bin/tool", 0o755),
        ("/usr/local/bin/kolla_aodh_extend_start", 0o644),
        ("/etc/sudoers.d/aodh", 0o440),
        ("/etc/aodh/aodh.conf", 0o644),
    ],
)
def test_a_place_says_the_mode(place: str, mode: int) -> None:
    assert mode_of(place) == mode


def test_a_file_with_a_place_has_to_be_in_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"files\.tol says 'tol', which is not in the folder") as caught:
        aodh(tmp_path, {"aodh/aodh-api/image.toml": 'files.tol = "/usr/bin/tool"', "aodh/aodh-api/tool": ""})
    assert caught.value.hint == "did you mean 'tool'?"


def test_size_and_version_come_down_within_a_system_and_not_from_elsewhere(tmp_path: Path) -> None:
    facts = 'verify.size = {}\nverify.version = ["{}"]\n'
    images = images_of(
        tmp_path,
        {
            "base/image.toml": facts.format(100, "base"),
            "aodh/aodh-base/image.toml": 'parent = "base"\n' + facts.format(200, "aodh"),
            "aodh/aodh-api/image.toml": "",
            "aodh/aodh-web/image.toml": facts.format(300, "web"),
            "aodh/aodh-new/image.toml": 'verify.unproven = "no server"',
            "tool/image.toml": 'parent = "base"',
        },
    )
    found = {name: (image.verify.size, image.verify.version) for name, image in images.items()}
    assert found == {
        "base": (100, ("base",)),
        "aodh-base": (200, ("aodh",)),
        "aodh-api": (200, ("aodh",)),
        "aodh-web": (300, ("web",)),
        "aodh-new": (0, ("aodh",)),
        "tool": (0, ()),
    }


def test_a_project_of_the_index_says_where_it_lies_what_is_installed_and_its_version(tmp_path: Path) -> None:
    image = aodh(tmp_path, {"aodh/aodh-base/image.toml": 'parent = "base"\nsource.project = "aodh"'})["aodh-base"]
    assert image.sources == (Source(name="aodh-base", type="pypi", location="aodh", link="/aodh"),)
    assert image.python == Python(packages=("/aodh",))
    assert image.verify.version == ("pip", "show", "aodh")


def test_what_is_only_packed_is_neither_linked_nor_installed(tmp_path: Path) -> None:
    text = 'parent = "base"\nsource = { project = "ansible", unpack = false }'
    image = aodh(tmp_path, {"aodh/aodh-base/image.toml": text})["aodh-base"]
    assert (image.sources[0].link, image.python.packages, image.verify.version) == ("", (), ())


def test_packages_that_are_named_are_those_that_are_installed(tmp_path: Path) -> None:
    text = 'parent = "base"\nsource.project = "aodh"\npython.packages = []'
    assert aodh(tmp_path, {"aodh/aodh-base/image.toml": text})["aodh-base"].python.packages == ()


def test_databases_are_made_anew_in_a_server_that_runs_beside(tmp_path: Path) -> None:
    text = 'verify.needs = ["rabbitmq"]\nverify.databases = ["nova", "nova_api"]'
    verify = aodh(tmp_path, {"aodh/aodh-api/image.toml": text})["aodh-api"].verify
    assert verify.needs == ("mariadb-server", "rabbitmq")
    made = "--execute=SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE nova; CREATE OR REPLACE DATABASE nova_api"
    assert verify.prepare == {"mariadb-server": ("mariadb", "--user=root", "--password=verify", made)}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 60), ('verify.needs = ["rabbitmq"]', 180), ('verify.needs = ["rabbitmq"]\nverify.seconds = 5', 5)],
)
def test_a_service_with_others_beside_it_has_longer_to_become_healthy(tmp_path: Path, text: str, seconds: int) -> None:
    assert aodh(tmp_path, {"aodh/aodh-api/image.toml": text})["aodh-api"].verify.seconds == seconds


def test_a_set_of_constraints_holds_for_the_sources_of_what_stands_on_it(tmp_path: Path) -> None:
    text = 'parent = "base"\nsource.project = "aodh"\npython.constraints = "old"'
    files = {"aodh/aodh-base/image.toml": text, "aodh/aodh-api/image.toml": 'source.project = "aodh-api"'}
    images = aodh(tmp_path, files)
    assert [images[name].sources[0].constraints for name in ("aodh-base", "aodh-api")] == ["old", "old"]
    assert [images[name].python.constraints for name in ("aodh-base", "aodh-api")] == ["old", ""]
