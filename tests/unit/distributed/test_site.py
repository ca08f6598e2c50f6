"""What a worker does with a ticket, with an engine and a registry of our own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kollage.distributed import certs, narrow, orders, site
from kollage.distributed.holdings import Holdings
from kollage.distributed.lines import Sending
from kollage.distributed.orders import Order
from kollage.errors import RegistryError
from kollage.options import Options
from kollage.registry import Client
from kollage.registry.content import digest_of
from kollage.results import Status
from kollage.steps import Action, Decision, Lane, Step

PLACE = "registry.example/kolla/kollage-plans"
ENOUGH = 10**12


@dataclass
class Engine:
    """A store that is empty, on a disk that may be full."""

    free: int = ENOUGH
    name: str = "buildah"

    def images(self, label: str = "") -> tuple[Any, ...]:
        return ()

    def free_bytes(self) -> int:
        return self.free


class Place:
    """A worker's site, and the registry that it sees."""

    def __init__(self, folder: Path, *, free: int = ENOUGH, signed: bool = False) -> None:
        anything: Any = None
        self.drained: list[str] = []
        self.folder = folder
        if signed:
            list(certs.make(folder, days=30))
        engine: Any = Engine(free)
        site.equip(
            site.Site(
                options=Options(cache_dir=folder),
                engine=engine,
                authority=certs.load(folder / "ca.crt") if signed else None,
                holdings=Holdings(folder / "pieces", Client()),
                sending=Sending(),
                native="linux/amd64",
                host="w1",
                address=lambda: "tcp://w1",
                begun=lambda _key: anything,
                ended=lambda _key: anything,
                mine=lambda _key: True,
                drain=self.drained.append,
            )
        )

    def put(self, content: bytes) -> str:
        """Have a piece on this host, as if it had been fetched before."""
        digest = digest_of(content)
        (self.folder / "pieces").mkdir(exist_ok=True)
        (self.folder / "pieces" / digest.replace(":", "-")).write_bytes(content)
        return digest

    def plan(self, order: Order, *, place: str = PLACE, signer: str = "") -> str:
        pieces = (self.put(narrow.dumps(order)),)
        own = certs.pair(self.folder, signer) if signer else None
        return self.put(orders.sealed(orders.charter(place, {"build:app": pieces}), own))


def order(action: Action = Action.BUILD, **facts: Any) -> Order:
    step = Step(
        id="build:app",
        image="app",
        decision=Decision(action=action, reason="new"),
        identity="1f",
        reference="registry.example/kolla/app:fp-1f",
        lane=Lane.BUILD,
    )
    return Order(step=step, settings=orders.settings(Options()), platform="linux/amd64", **facts)


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that has nothing."""
    monkeypatch.setattr(site, "_published", lambda _options, _reference: None)


def carried(plan: str, name: str = "build:app") -> Any:
    return site.carry_out(PLACE, plan, name, "build-1f")[0]


@pytest.mark.usefixtures("absent")
def test_a_worker_whose_disk_is_full_takes_itself_out_and_leaves_the_step_to_others(tmp_path: Path) -> None:
    place = Place(tmp_path, free=10**6)
    with pytest.raises(site.Unfit, match="w1: only 1 MB are free") as error:
        carried(place.plan(order()))
    assert error.value.__context__ is None, "what was raised before would travel along"
    assert len(place.drained) == 1


def test_a_registry_that_is_away_leaves_the_step_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object) -> None:
        raise RegistryError("registry.example cannot be reached")

    monkeypatch.setattr(site, "_published", away)
    with pytest.raises(site.Unfit, match=r"w1: registry\.example cannot be reached"):
        carried(Place(tmp_path).plan(order()))


def test_a_step_that_is_not_in_the_plan_is_not_done(tmp_path: Path) -> None:
    result = carried(Place(tmp_path).plan(order()), "build:other")
    assert (result.status, result.reason) == (Status.FAILED, "the plan has no step 'build:other'")


def test_a_plan_for_another_registry_is_not_done(tmp_path: Path) -> None:
    result = carried(Place(tmp_path).plan(order(), place="elsewhere.example/x"))
    assert result.reason == "the plan was made for another registry"


@pytest.mark.parametrize(("signer", "said"), [("", "nobody signed it"), ("worker", "not of a client")])
def test_a_plan_that_no_client_signed_is_not_done(tmp_path: Path, signer: str, said: str) -> None:
    result = carried(Place(tmp_path, signed=True).plan(order(), signer=signer))
    assert result.status is Status.FAILED
    assert said in result.reason


@pytest.mark.usefixtures("absent")
def test_a_plan_that_a_client_signed_is_begun(tmp_path: Path) -> None:
    place = Place(tmp_path, free=10**6, signed=True)
    with pytest.raises(site.Unfit, match="are free"):
        carried(place.plan(order(), signer="client"))


@pytest.mark.parametrize("content", [b"garbage", narrow.dumps("no order")])
def test_what_is_no_order_is_not_done(tmp_path: Path, content: bytes) -> None:
    place = Place(tmp_path)
    pieces = (place.put(content),)
    plan = place.put(orders.sealed(orders.charter(PLACE, {"build:app": pieces}), None))
    assert "no order" in carried(plan).reason
