"""deploy.toml is read strictly: what is wrong is named with its file."""

from pathlib import Path

import pytest
from tests.unit.deploy.clouds import FILES, catalogue

from kollage.catalogue import load_catalogue
from kollage.deploy.facts import Delivered, Endpoint, deployments
from kollage.errors import CatalogueError


def test_a_deployment_is_read_whole(tmp_path: Path) -> None:
    found = {each.image: each for each in deployments(catalogue(tmp_path))}
    nova = found["nova-api"]
    assert (nova.project, nova.databases, nova.accounts) == ("nova", ("nova",), ("nova",))
    assert nova.endpoints == (Endpoint(service="nova", type="compute", unit="nova-api", path="/v2.1"),)
    assert nova.units[0].files == (
        Delivered(
            name="nova.conf", template="nova/nova-api/deploy/nova.conf.j2", to="/etc/nova/nova.conf", owner="nova"
        ),
        Delivered(name="own.ini", template="base/deploy/shared.ini.j2", to="/etc/nova/own.ini", owner="root"),
    )
    assert [unit.name for unit in found["mariadb-server"].units if unit.once] == ["databases"]


def test_every_unit_of_an_option_has_it(tmp_path: Path) -> None:
    found = {each.image: each for each in deployments(catalogue(tmp_path))}
    assert {unit.option for unit in found["heat-api"].units} == {"heat"}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ('[[service]]\nneeds = ["nowhere"]\n', "needs 'nowhere', and nothing describes that"),
        ('[[service]]\nname = "mariadb"\n', "the unit 'mariadb' is described by"),
        ("[[service]]\nprot = 1\n", r"heat-api/deploy.toml: service\[0\].prot is not a key"),
        ('[[service]]\nport = "1"\n', r"heat-api/deploy.toml: service\[0\].port must be a whole number"),
        ('[[service]]\nfiles = { "a.conf" = "/a" }\n', r"files.a.conf has no template"),
        ('shares = ["nobody"]\n[[service]]\n', "shares names no image: 'nobody'"),
        ('[[endpoint]]\nservice = "x"\n', r"endpoint\[0\].type is missing"),
        ("[[service\n", "not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, facts: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        deployments(catalogue(tmp_path, **{"heat__heat-api__deploy_toml": facts}))


def test_facts_that_belong_to_no_image_are_named(tmp_path: Path) -> None:
    catalogue(tmp_path)
    (tmp_path / "stray").mkdir()
    (tmp_path / "stray/deploy.toml").write_text("", encoding="utf-8")
    with pytest.raises(CatalogueError, match="it lies in no image's folder"):
        deployments(load_catalogue(tmp_path))


def test_how_an_image_is_launched_is_none_of_its_build(tmp_path: Path) -> None:
    found = catalogue(tmp_path)
    assert "nova/nova-api/deploy/nova.conf.j2" in FILES
    assert found.images["nova-api"].context == {}
