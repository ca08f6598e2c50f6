"""The library of OpenStack behind our own border: its requests, and what becomes of its errors."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.unit.smoke.fake_http import Answer, served, token

from kollage.errors import UsageError
from kollage.smoke.cloud import ImageOrder, Kind
from kollage.smoke.faults import CloudError
from kollage.smoke.sdk import Sdk, connected

# the library warns of what it does itself whenever it is used
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

AUTH = {"username": "admin", "password": "not-to-be-seen", "project_name": "admin"}
DOMAINS = {"user_domain_name": "Default", "project_domain_name": "Default"}
ORDER = ImageOrder(name="kollage-smoke-1-disk", form="raw", container="bare", content=b"disk")


class Services:
    """What the services answer, by method and path; what is asked beside that is not there."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.address = ""

    def __call__(self, method: str, path: str) -> Answer | None:
        self.asked.append(f"{method} {path}")
        if path == "/v3/auth/tokens":
            return token(*((kind, f"{self.address}/{kind}/") for kind in ("image", "network", "compute")))
        return self.answers.get(f"{method} {path.partition('?')[0]}")


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    with served(made) as address:
        made.address = address
        yield made


@pytest.fixture
def cloud(services: Services, tmp_path: Path) -> Sdk:
    return connected(clouds(tmp_path, f"{services.address}/v3"), "kollage")


def clouds(folder: Path, address: str) -> Path:
    entry = {"auth": {"auth_url": address, **AUTH, **DOMAINS}, "region_name": "RegionOne"}
    (folder / "clouds.yaml").write_text(json.dumps({"clouds": {"kollage": entry}}), encoding="utf-8")
    return folder / "clouds.yaml"


def version(services: Services, kind: str, number: str, path: str = "") -> None:
    """Let a service say which version it has, as the library asks before anything else."""
    links = [{"rel": "self", "href": f"{services.address}/{kind}/{path or number}/"}]
    entry = {"id": number, "status": "CURRENT", "links": links}
    services.answers[f"GET /{kind}/"] = (200, {"versions": [entry]})


def refused(status: int, message: str) -> Answer:
    said: Mapping[str, object] = {"NeutronError": {"message": message, "type": "X", "detail": ""}}
    return status, said


def test_a_token_tells_who_one_is_and_what_there_is(cloud: Sdk) -> None:
    login = cloud.login()
    assert (login.user, login.project, login.until) == ("admin", "admin", "2036-11-01 10:00 UTC")
    assert [endpoint.service for endpoint in login.endpoints] == ["image", "network", "compute"]
    assert login.offers("network")
    assert not login.offers("volumev3", "block-storage")


def test_an_endpoint_answers_whatever_it_says(cloud: Sdk, services: Services) -> None:
    services.answers["GET /image/"] = (503, {})
    assert cloud.answer(f"{services.address}/image/") == "503 Service Unavailable"
    assert cloud.answer(f"{services.address}/elsewhere") == "404 Not Found"


def test_a_refusal_has_the_request_the_status_and_the_words_of_the_service(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    services.answers["POST /network/v2.0/networks"] = refused(409, "Quota exceeded for resources: ['network'].")
    with pytest.raises(CloudError) as caught:
        cloud.make_network("kollage-smoke-1-network", cidr="10.0.0.0/24")
    assert caught.value.asked == "the network kollage-smoke-1-network (10.0.0.0/24)"
    assert caught.value.answered.startswith("409 Quota exceeded for resources: ['network'].")
    assert caught.value.hint.startswith("raise it")


def test_only_what_carries_the_name_is_found(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    rows = [{"id": "1", "name": "kollage-smoke-1-router"}, {"id": "2", "name": "mine"}, {"id": "3", "name": None}]
    services.answers["GET /network/v2.0/routers"] = (200, {"routers": rows})
    assert [thing.id for thing in cloud.found(Kind.ROUTER, "kollage-smoke-")] == ["1"]


def test_a_floating_ip_is_called_by_its_description(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    rows = [{"id": "1", "floating_ip_address": "203.0.113.1", "description": "kollage-smoke-1-address"}]
    rows += [{"id": "2", "floating_ip_address": "203.0.113.2", "description": ""}]
    services.answers["GET /network/v2.0/floatingips"] = (200, {"floatingips": rows})
    assert [thing.id for thing in cloud.found(Kind.FLOATING_IP, "kollage-smoke-")] == ["1"]


def test_of_a_service_that_is_not_there_nothing_is_found(cloud: Sdk) -> None:
    assert cloud.found(Kind.VOLUME, "kollage-smoke-") == []


def test_what_is_gone_already_need_not_be_deleted(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    cloud.delete(Kind.NETWORK, "1")
    assert "DELETE /network/v2.0/networks/1" in services.asked


def test_a_router_is_taken_from_its_networks_before_it_goes(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    ports = [
        {"id": "p1", "device_owner": "network:router_gateway"},
        {"id": "p2", "device_owner": "network:router_interface"},
    ]
    services.answers["GET /network/v2.0/ports"] = (200, {"ports": ports})
    services.answers["PUT /network/v2.0/routers/r/remove_router_interface"] = (200, {"port_id": "p2"})
    services.answers["DELETE /network/v2.0/routers/r"] = (204, {})
    cloud.delete(Kind.ROUTER, "r")
    changes = [asked for asked in services.asked if asked.startswith(("PUT", "DELETE"))]
    assert changes == ["PUT /network/v2.0/routers/r/remove_router_interface", "DELETE /network/v2.0/routers/r"]


def test_an_instance_without_a_port_gets_no_floating_ip(cloud: Sdk, services: Services) -> None:
    version(services, "network", "v2.0")
    services.answers["GET /network/v2.0/ports"] = (200, {"ports": []})
    with pytest.raises(CloudError, match="there is nothing that it could be for"):
        cloud.make_floating_ip("kollage-smoke-1-address", external="e", server="s")


def test_a_cloud_that_is_down_is_told_in_the_systems_words(tmp_path: Path) -> None:
    cloud = connected(clouds(tmp_path, "http://127.0.0.1:1/v3"), "kollage")
    with pytest.raises(CloudError) as caught:
        cloud.login()
    assert str(caught.value) == "a token of http://127.0.0.1:1/v3: no connection: Connection refused"
    assert "kollage up" in caught.value.hint


def test_a_cloud_that_the_file_does_not_have_is_a_mistake_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        connected(clouds(tmp_path, "http://127.0.0.1:1/v3"), "other")


def test_an_image_that_is_refused_is_told(cloud: Sdk, services: Services) -> None:
    version(services, "image", "v2.17", path="v2")
    services.answers["POST /image/v2/images"] = (403, {"message": "Quota exceeded"})
    with pytest.raises(CloudError) as caught:
        cloud.upload(ORDER)
    assert caught.value.asked == "the image kollage-smoke-1-disk (raw)"
    assert caught.value.answered.startswith("403 ")
