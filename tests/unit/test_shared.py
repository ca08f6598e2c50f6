"""What a registry has is asked for parents first, and what stands on an image counts, not its tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import pytest
from tests.unit.test_plan import graph_of

from kollage.engines import Local
from kollage.errors import RegistryError
from kollage.options import Options
from kollage.plan import Shared, by_identity
from kollage.registry import Client, Published, with_retries
from kollage.shared import found

OPTIONS = Options(registry="r.example", namespace="kolla", tag="1")
PARENTS = {"base": None, "app": "base", "app-api": "app"}
IDENTITIES = {"base": "1", "app": "2", "app-api": "3"}


@dataclass
class Shelf:
    """A registry in memory: a name -> the fingerprint that stands on its image."""

    images: Mapping[str, str]
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    breaks: list[str] = field(default_factory=list)  # names that it fails to answer for, once each time they stand here

    def published(self, name: str, *, platform: str = "") -> Published | None:
        assert not platform
        self.asked.append(name)
        if self.silent:
            raise RegistryError("it does not answer", transient=True)
        if name in self.breaks:
            self.breaks.remove(name)
            raise RegistryError("it is busy", transient=True)
        says = self.images.get(name)
        return None if says is None else Published(digest=f"sha256:{says}", media_type="", config=says, size=1)

    def labels(self, _name: str, config: str) -> Mapping[str, str]:
        return {} if config == "none" else {"kollage.fingerprint": config}


def ask(shelf: Shelf, options: Options = OPTIONS, local: tuple[Local, ...] = ()) -> Mapping[str, Shared]:
    return found(cast(Client, shelf), graph_of(PARENTS), IDENTITIES, local, options)


def shelf(*names: str) -> Shelf:
    return Shelf({by_identity(name, IDENTITIES[name], OPTIONS): IDENTITIES[name] for name in names})


def test_an_image_is_found_by_its_fingerprint_and_named_by_its_digest() -> None:
    assert ask(shelf("base", "app")) == {
        "base": Shared(origin="r.example/kolla/base@sha256:1", named=True),
        "app": Shared(origin="r.example/kolla/app@sha256:2", named=True),
    }


def test_children_of_what_is_not_there_are_not_asked_for() -> None:
    empty = shelf()
    assert ask(empty) == {}
    assert empty.asked == ["r.example/kolla/base:fp-1"]


def test_what_the_store_has_is_not_asked_for_and_its_children_are() -> None:
    there = shelf("app")
    local = (Local(id="x", references=("other/base:fp-1",)),)
    assert list(ask(there, local=local)) == ["app"]
    assert "r.example/kolla/base:fp-1" not in there.asked


@pytest.mark.parametrize(("says", "what"), [("9", "the fingerprint 9"), ("none", "no fingerprint")])
def test_a_tag_that_lies_is_told_and_not_taken(says: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(Shelf({"r.example/kolla/base:fp-1": says})) == {}
    assert capsys.readouterr().err == (
        f"warning: r.example/kolla/base:fp-1 is not what its tag says, there is {what} on it; it is not taken\n"
    )


def test_a_registry_that_does_not_answer_is_asked_once(capsys: pytest.CaptureFixture[str]) -> None:
    silent = replace(shelf("base"), silent=True)
    assert ask(silent) == {}
    assert silent.asked == ["r.example/kolla/base:fp-1"]
    assert capsys.readouterr().err == "warning: nothing is taken from r.example: it does not answer\n"


@pytest.mark.parametrize(("times", "found"), [(1, ["base", "app", "app-api"]), (3, ["base", "app"])])
def test_one_that_has_answered_is_asked_again_and_what_it_said_holds(
    times: int, found: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kollage.shared.with_retries", partial(with_retries, pause=lambda _seconds: None))
    there = replace(shelf(*PARENTS), breaks=[by_identity("app-api", "3", OPTIONS)] * times)
    assert list(ask(there, replace(OPTIONS, retries=2))) == found
    told = capsys.readouterr().err
    assert told == ("" if times == 1 else "warning: nothing more is taken from r.example: it is busy\n")


@pytest.mark.parametrize("change", [{"registry": ""}, {"registry_cache": False}, {"force": True}])
def test_nothing_is_asked_where_nothing_would_be_taken(change: dict[str, object]) -> None:
    there = shelf("base")
    assert ask(there, replace(OPTIONS, **change)) == {}  # type: ignore[arg-type]
    assert there.asked == []


def test_the_wanted_name_is_looked_at_where_it_would_be_pushed() -> None:
    there = shelf("base", "app")
    there.images = {**there.images, "r.example/kolla/base:1": "1", "r.example/kolla/app:1": "8"}
    named = {name: shared.named for name, shared in ask(there, replace(OPTIONS, push=True)).items()}
    assert named == {"base": True, "app": False}
