"""An operator's files stand over those that are made here, by kolla-ansible's places."""

from pathlib import Path

import pytest
from tests.unit.deploy.clouds import catalogue, decided, text

from kollage.deploy import ini
from kollage.errors import UsageError


def below(root: Path, **files: str) -> Path:
    folder = root / "own"
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_conf", ".conf").replace("_cfg", ".cfg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def test_the_nearer_file_stands_over_the_farther_one(tmp_path: Path) -> None:
    own = below(
        tmp_path,
        global_conf="[DEFAULT]\na = 1\nb = 1\nc = 1\nd = 1\n",
        nova_conf="[DEFAULT]\nb = 2\nc = 2\nd = 2\n",
        nova__nova_conf="[DEFAULT]\nc = 3\nd = 3\n",
    )
    (own / "nova/nova-api.conf").write_text("[DEFAULT]\nd = 4\n", encoding="utf-8")
    found = text(decided(catalogue(tmp_path / "images"), own=own), "config/nova-api/nova.conf")
    assert ini.parsed(found, Path("x")) == {
        "database": {"connection": ["mysql+pymysql://nova:<database_nova>@127.0.0.1:3306/nova"]},
        "DEFAULT": {"a": ["1"], "b": ["2"], "c": ["3"], "d": ["4"]},
    }


def test_a_file_without_sections_stands_in_the_place_of_ours(tmp_path: Path) -> None:
    own = below(tmp_path, front__haproxy_cfg="mine\n")
    assert text(decided(catalogue(tmp_path / "images"), own=own), "config/haproxy/haproxy.cfg") == "mine\n"


def test_a_file_that_only_an_operator_has_is_delivered(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "nova").mkdir(parents=True)
    (own / "nova/policy.yaml").write_text("a: b\n", encoding="utf-8")
    cloud = decided(catalogue(tmp_path / "images"), own=own)
    assert text(cloud, "config/nova-api/policy.yaml") == "a: b\n"
    assert '"dest": "/etc/nova/policy.yaml"' in text(cloud, "config/nova-api/config.json")


def test_a_file_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    own = below(tmp_path, nova_conf="[DEFAULT]\nfine = 1\n[broken\n")
    with pytest.raises(UsageError, match=r"own/nova\.conf:3: this does not parse: '\[broken'"):
        decided(catalogue(tmp_path / "images"), own=own)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    own = below(tmp_path, nova_conf="x")
    (own / "nova.conf").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"nova\.conf is not a text"):
        decided(catalogue(tmp_path / "images"), own=own)
