import json
import re
from pathlib import Path

import pytest

from kollage.distributed import certs, narrow, orders
from kollage.errors import UsageError
from kollage.options import Options
from kollage.steps import Action, Decision, Step

STEP = Step(
    id="build:app",
    image="app",
    decision=Decision(action=Action.BUILD, reason="new"),
    identity="1f",
    reference="r/app:fp",
)
PIECES = {"build:app": ("sha256:1", "sha256:2")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    list(certs.make(tmp_path, days=30))
    return tmp_path


def sealed(folder: Path, role: str = "client") -> bytes:
    return orders.sealed(orders.charter("r/plans", PIECES), certs.pair(folder, role))


def test_a_plan_that_a_client_signed_is_read(folder: Path) -> None:
    plan = orders.unsealed(sealed(folder), certs.load(folder / "ca.crt"))
    assert (plan.place, plan.orders) == ("r/plans", PIECES)


def test_a_plan_that_was_changed_is_refused(folder: Path) -> None:
    facts = json.loads(sealed(folder))
    facts["charter"] = facts["charter"].replace("sha256:1", "sha256:9")
    with pytest.raises(UsageError, match="changed after it was signed"):
        orders.unsealed(json.dumps(facts).encode(), certs.load(folder / "ca.crt"))


def test_a_plan_that_a_worker_signed_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="one of a worker, not of a client"):
        orders.unsealed(sealed(folder, "worker"), certs.load(folder / "ca.crt"))


def test_a_plan_that_nobody_signed_is_refused_where_certificates_are_in_use(folder: Path) -> None:
    content = orders.sealed(orders.charter("r/plans", PIECES), None)
    with pytest.raises(UsageError, match="nobody signed it"):
        orders.unsealed(content, certs.load(folder / "ca.crt"))
    assert orders.unsealed(content, None).orders == PIECES


def test_a_plan_of_another_authority_is_refused(folder: Path, tmp_path: Path) -> None:
    list(certs.make(tmp_path / "other", days=30))
    with pytest.raises(UsageError, match="not made by the authority"):
        orders.unsealed(sealed(tmp_path / "other"), certs.load(folder / "ca.crt"))


@pytest.mark.parametrize("change", [{"version": "0.0.9"}, {"made": "2020-01-01T00:00:00+00:00"}])
def test_a_plan_of_another_version_or_of_long_ago_is_refused(change: dict[str, str]) -> None:
    facts = json.loads(orders.sealed(orders.charter("r/plans", PIECES), None))
    facts["charter"] = json.dumps({**json.loads(facts["charter"]), **change})
    with pytest.raises(UsageError, match=re.escape(next(iter(change.values())))):
        orders.unsealed(json.dumps(facts).encode(), None)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"charter": "{}"}', b"\xff"])
def test_what_is_no_plan_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UsageError, match="no plan"):
        orders.unsealed(content, None)


def test_an_order_travels_with_what_the_client_decided_and_nothing_of_its_environment() -> None:
    options = Options(registry="r", tag="mine", environ={"TOKEN": "secret"}, network={"http_proxy": "http://u:p@x"})
    order = orders.Order(step=STEP, settings=orders.settings(options), platform="linux/amd64")
    content = narrow.dumps(order)
    assert b"secret" not in content
    assert b"u:p@x" not in content
    assert narrow.loads(content) == order


def test_a_worker_keeps_its_own_places_and_takes_the_names_of_the_client(tmp_path: Path) -> None:
    own = Options(cache_dir=tmp_path, engine="podman", tag="other")
    order = orders.Order(step=STEP, settings=orders.settings(Options(tag="mine")), platform="linux/arm64")
    mixed = orders.with_settings(own, order, native="linux/amd64")
    assert (mixed.cache_dir, mixed.engine, mixed.tag, mixed.platform) == (tmp_path, "podman", "mine", "linux/arm64")
    assert orders.with_settings(own, order, native="linux/arm64").platform == ""
