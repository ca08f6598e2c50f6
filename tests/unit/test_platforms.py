"""Several platforms are built in turn under tags of their own, and become one name in the registry."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage import build, engines, platforms
from kollage.catalogue import Catalogue
from kollage.errors import UsageError
from kollage.image import Image
from kollage.options import Options

IMAGES = {
    "app": Image(name="app", folder=Path("app"), description="", parent=None),
    "tool": Image(
        name="tool", folder=Path("tool"), description="", parent=None, unsupported={"aarch64": "nobody makes it"}
    ),
}
CATALOGUE = Catalogue(root=Path("images"), images=IMAGES, accounts={}, repositories={})
OPTIONS = Options(platform="linux/amd64,linux/arm64", push=True, registry="r.example:1", tag="7", regex=())


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    made = FakeEngine()
    monkeypatch.setattr(engines, "engine_for", lambda _options: made)
    monkeypatch.setattr(platforms, "is_plain", lambda _host: False)
    return made


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The builds that were asked for; the one with the tag 7-arm64 fails where the namespace is `broken`."""
    asked: list[Options] = []

    def stand_in(_catalogue: Catalogue, options: Options, _argv: Sequence[str], _stream: object) -> int:
        asked.append(options)
        return int(options.namespace == "broken")

    monkeypatch.setattr(build, "build", stand_in)
    return asked


def test_each_platform_has_its_architecture_and_its_tag() -> None:
    assert [(own.platform, own.base_arch, own.debian_arch, own.tag) for own in platforms.for_each(OPTIONS)] == [
        ("linux/amd64", "x86_64", "amd64", "7-amd64"),
        ("linux/arm64", "aarch64", "arm64", "7-arm64"),
    ]


def test_an_index_names_what_was_built_for_every_platform(engine: FakeEngine, builds: list[Options]) -> None:
    stream = io.StringIO()
    assert platforms.build_each(OPTIONS, lambda _options: CATALOGUE, [], stream) == 0
    assert [own.tag for own in builds] == ["7-amd64", "7-arm64"]
    members = ("r.example:1/kolla/app:7-amd64", "r.example:1/kolla/app:7-arm64")
    assert engine.indexes == {"r.example:1/kolla/app:7": members}  # `tool` is for one of the two alone
    assert stream.getvalue() == "app: index of linux/amd64, linux/arm64 pushed as r.example:1/kolla/app:7\n"


def test_a_build_that_fails_leaves_no_index(engine: FakeEngine, builds: list[Options]) -> None:
    broken = replace(OPTIONS, namespace="broken")
    assert platforms.build_each(broken, lambda _options: CATALOGUE, [], io.StringIO()) == 1
    assert (len(builds), engine.indexes) == (1, {})


def test_an_index_that_no_registry_would_hold_is_refused_before_anything_is_built() -> None:
    with pytest.raises(UsageError, match="only a registry can hold one"):
        platforms.for_each(Options(platform="linux/amd64,linux/arm64"))
