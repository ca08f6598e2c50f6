"""The folder of a cloud: for its owner alone, each file the old one or the new one, and nothing left in it."""

import json
from pathlib import Path

import pytest
from tests.unit.deploy.clouds import catalogue, chosen, decided

from kollage.deploy import choices, folder
from kollage.deploy.choices import Choices, Record
from kollage.deploy.cloud import File
from kollage.errors import UsageError
from kollage.options import Options


def modes(place: Path) -> dict[str, int]:
    return {str(path.relative_to(place)): path.stat().st_mode & 0o777 for path in place.rglob("*") if path.is_file()}


def test_files_have_their_modes_and_the_folder_is_closed_to_others(tmp_path: Path) -> None:
    place = tmp_path / "cloud"
    folder.write(place, [File(path="a/b", text="1"), File(path="c", text="2", mode=0o644)])
    assert modes(place) == {"a/b": 0o600, "c": 0o644}
    assert place.stat().st_mode & 0o777 == 0o700


def test_what_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    folder.write(tmp_path, [File(path="a", text="1")])
    before = (tmp_path / "a").stat().st_ino
    folder.write(tmp_path, [File(path="a", text="1")])
    assert (tmp_path / "a").stat().st_ino == before
    folder.write(tmp_path, [File(path="a", text="2")])
    assert (tmp_path / "a").read_text() == "2"


def test_configuration_that_no_container_sees_any_more_goes(tmp_path: Path) -> None:
    place = tmp_path / "cloud"
    folder.configuration(place, decided(catalogue(tmp_path / "images"), chosen(extra=("heat",))))
    (place / "config/nova-api/old.conf").touch()
    folder.configuration(place, decided(catalogue(tmp_path / "images")))
    assert not (place / "config/heat-api").exists()
    assert sorted(path.name for path in (place / "config/nova-api").iterdir()) == [
        "config.json",
        "nova.conf",
        "own.ini",
    ]


def test_what_is_known_of_a_cloud_is_read_as_it_was_written_and_holds_no_secret(tmp_path: Path) -> None:
    cloud = decided(catalogue(tmp_path / "images"), chosen(extra=("heat",), ports={"mariadb": "3307"}))
    record = Record(
        choices=cloud.choices, images={"nova-api": "id"}, done={"databases": "digest"}, needs={"z": (), "a": ("z",)}
    )
    file = folder.record_file(cloud, record)
    folder.write(tmp_path, [file])
    assert choices.recorded(tmp_path) == record
    assert "<" not in file.text
    facts = json.loads(file.text)
    assert facts["external_network"] == {"name": "external", "cidr": "172.24.4.0/24"}
    assert facts["services"]["nova-api"]["front"] == 8774
    assert "databases" not in facts["services"]


def test_what_was_chosen_stays_until_something_else_is_said(tmp_path: Path) -> None:
    before = Record(choices=Choices(extra=("heat",), tls=True))
    assert choices.chosen(Options(), before) == before.choices
    assert choices.chosen(Options(cloud_with=(), cloud_tls=False), before) == Choices()


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"choices": {"colour": 1, "extra": []}, "images": {}, "done": {}, "needs": []}']
)
def test_a_record_that_is_spoilt_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / choices.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"cloud\.json does not describe a cloud"):
        choices.recorded(tmp_path)


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        folder.write(tmp_path / "file", [File(path="a", text="")])


def test_removal_leaves_what_is_not_ours(tmp_path: Path) -> None:
    place = tmp_path / "cloud"
    ours = ("secrets.yaml", "cloud.json", "config/x/a", "smoke.lock", "tempest/tempest.conf", "tempest.log")
    folder.write(place, [File(path=name, text="") for name in (*ours, "mine")])
    folder.remove(place)
    assert modes(place) == {"mine": 0o600}
    (place / "mine").unlink()
    folder.remove(place)
    assert not place.exists()
