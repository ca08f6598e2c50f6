"""What the images stand on and what they are made of is decided once, and only what is needed is asked for."""

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage.catalogue import load_catalogue, with_options
from kollage.engines import Local
from kollage.errors import EngineError, SourceError, UsageError
from kollage.options import Options, SourceOptions
from kollage.prepare import Prepared, pin_base, prepare, prepare_push
from kollage.render import settle

DEBIAN = "docker.io/library/debian:trixie"
ROCKY = Options(base="rocky", base_tag="10")
NAMED = Options(base_image="r.example/debian")
EPOCH = 1_793_491_200


def pinned(
    options: Options, engine: FakeEngine, local: Sequence[Local] = (), *, pull: bool = True
) -> tuple[str, str, str]:
    """The reference, the identity and the reason of the base; a recipe's identity is called `recipe`."""
    base = pin_base(options, engine, local, epoch=EPOCH, pull=pull)
    recipe = base.bootstrap is not None and base.identity == base.bootstrap.identity
    return (
        base.reference.rpartition("-")[0] if recipe else base.reference,
        "recipe" if recipe else base.identity,
        base.reason,
    )


class TestTheBase:
    MADE = ("kollage-bootstrap/debian:trixie", "recipe", "made from the package archive")

    def test_is_made_from_packages_where_no_image_is_named(self) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        assert pinned(Options(), engine) == self.MADE
        assert engine.pulled == []

    def test_is_made_from_packages_where_that_was_asked_for(self) -> None:
        options = dataclasses.replace(NAMED, base_source="bootstrap")
        assert pinned(options, FakeEngine(registry=("r.example/debian:trixie",))) == self.MADE

    def test_comes_from_the_registry_where_that_was_asked_for(self) -> None:
        options = Options(base_source="registry")
        assert pinned(options, FakeEngine(registry=(DEBIAN,))) == (DEBIAN, f"id of {DEBIAN}", "fetched")

    @pytest.mark.parametrize("name", [DEBIAN, "debian:trixie"])
    def test_is_taken_from_the_store_under_its_long_or_short_name(self, name: str) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        local = [Local(id="7", references=("other:1",)), Local(id="8", references=(name,))]
        assert pinned(Options(base_source="registry"), engine, local) == (DEBIAN, "8", "in the store")
        assert engine.pulled == []

    def test_is_not_fetched_for_a_plan(self) -> None:
        engine = FakeEngine(registry=(DEBIAN,))
        options = Options(base_source="registry")
        assert pinned(options, engine, pull=False) == (DEBIAN, DEBIAN, "not fetched yet")
        assert engine.pulled == []

    def test_that_was_named_is_fetched_with_auto(self) -> None:
        name = "r.example/debian:trixie"
        assert pinned(NAMED, FakeEngine(registry=(name,))) == (name, f"id of {name}", "fetched")

    def test_that_was_named_is_expected_by_a_plan_whatever_was_made_before(self) -> None:
        made = pin_base(Options(), FakeEngine(), (), epoch=EPOCH, pull=True)
        local = [Local(id="9", references=(made.reference,))]
        expected = pin_base(NAMED, FakeEngine(), local, epoch=EPOCH, pull=False)
        assert (expected.reference, expected.reason) == ("r.example/debian:trixie", "not fetched yet")

    @pytest.mark.parametrize(
        ("options", "name"), [(Options(base_source="registry"), DEBIAN), (NAMED, "r.example/debian:trixie")]
    )
    def test_that_cannot_be_fetched_is_an_error_with_the_engines_last_line(self, options: Options, name: str) -> None:
        with pytest.raises(EngineError) as raised:
            pinned(options, FakeEngine())
        assert raised.value.message == f"the base image {name} cannot be fetched: no such host"
        assert raised.value.hint.endswith("--base-image, or use --base-source bootstrap")

    @pytest.mark.parametrize(
        ("options", "hint"), [(NAMED, "say --base-source bootstrap"), (ROCKY, "no base of this family is made")]
    )
    def test_that_is_an_image_has_no_snapshot(self, options: Options, hint: str) -> None:
        pinned_day = dataclasses.replace(options, snapshot="http://snapshot.example/{archive}/{date}")
        with pytest.raises(UsageError, match="--snapshot pins a base that is made from packages") as raised:
            pinned(pinned_day, FakeEngine())
        assert hint in raised.value.hint

    def test_of_a_family_that_cannot_be_bootstrapped_needs_its_registry(self) -> None:
        with pytest.raises(EngineError) as raised:
            pinned(ROCKY, FakeEngine())
        assert raised.value.hint == "name one that the engine can reach with --base-image"

    def test_of_a_family_that_cannot_be_bootstrapped_is_no_bootstrap(self) -> None:
        with pytest.raises(UsageError, match="no way to bootstrap rocky"):
            pinned(dataclasses.replace(ROCKY, base_source="bootstrap"), FakeEngine())


# --- everything together, with a `buildah` that has a store and no registry ---

BUILDAH = """#!/bin/sh
echo "$1" >> "$(dirname "$0")/calls"
case "$1" in
    --version) echo "buildah version 1.39.3" ;;
    images) cat "$(dirname "$0")/images.json" ;;
    *) echo "no such host"; exit 1 ;;
esac
"""
RELEASE = 'name = "2026.2"\ncodename = ""\nepoch = "2026-11-01"\n[projects]\nthing = "1.0"\n'
OWN: Mapping[str, str] = {
    "base/image.toml": 'description = "b"\n',
    "app/image.toml": 'description = "a"\nparent = "base"\nsource = { type = "pypi", project = "thing" }\n',
    "releases/2026.2.toml": RELEASE,
    "releases/2026.2.lock": "",
}
KOLLAS: Mapping[str, str] = {
    "base/Dockerfile.j2": "FROM {{ base_image }}:{{ base_distro_tag }}\n",
    "etcd/Dockerfile.j2": "FROM {{ namespace }}/base:{{ tag }}\nADD etcd-archive /\n",
    "lego/Dockerfile.j2": "FROM goacme/lego:1\n",
}


@dataclass(frozen=True)
class World:
    root: Path

    def store(self, *names: str) -> None:
        rows = [{"id": f"id of {name}", "names": [f"localhost/{name}"], "size": "1 MB"} for name in names]
        (self.root / "images.json").write_text(json.dumps(rows), encoding="utf-8")

    def calls(self) -> list[str]:
        return (self.root / "calls").read_text(encoding="utf-8").split()

    def prepared(self, *files: Mapping[str, str], fetch: bool = True, **more: Any) -> Prepared:
        """What is decided for a catalogue of these files, each further set laid over those before it."""
        roots = [self.root / f"images-{number}" for number, _ in enumerate(files)]
        for root, texts in zip(roots, files, strict=True):
            for name, text in texts.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
        facts = {"engine": "buildah", "base_source": "registry", "tag": "1", "retries": 0, **more}
        options = Options(cache_dir=self.root / "cache", **facts)
        catalogue = with_options(load_catalogue(roots[0], roots[1:]), options)
        catalogue = settle(catalogue, options)
        if more.get("push"):
            return prepare_push(catalogue, options)
        return prepare(catalogue, options, fetch=fetch)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "buildah").write_text(BUILDAH, encoding="utf-8")
    (tmp_path / "buildah").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    world = World(tmp_path)
    world.store()
    return world


def actions(prepared: Prepared) -> dict[str, str]:
    return {step.id: step.decision.action.value for step in prepared.plan.steps.values()}


class TestTogether:
    def test_every_image_is_rendered_on_the_base_with_its_sources(self, world: World) -> None:
        world.store(DEBIAN)
        prepared = world.prepared(OWN)
        assert actions(prepared) == {"build:base": "build", "fetch:app": "fetch", "build:app": "build"}
        assert prepared.rendered["base"].parent == DEBIAN
        assert [pin.identity for pin in prepared.pins["app"]["app-archive"]] == ["pypi:thing==1.0"]
        assert prepared.pins["base"] == {"plugins-archive": (), "additions-archive": ()}
        assert prepared.named == {DEBIAN: f"id of {DEBIAN}"}

    def test_a_base_that_cannot_be_had_is_an_error_where_something_stands_on_it(self, world: World) -> None:
        with pytest.raises(EngineError, match=f"the base image {DEBIAN} cannot be fetched: no such host"):
            world.prepared(OWN)

    def test_for_parents_that_stay_no_base_is_fetched(self, world: World) -> None:
        prepared = world.prepared(OWN, skip_parents=True)
        assert actions(prepared) == {"build:base": "pull", "fetch:app": "fetch", "build:app": "build"}
        assert world.calls().count("pull") == 1  # of the parent
        assert list(prepared.rendered) == ["app"]

    def test_of_what_exists_and_is_to_stay_no_source_is_asked_for(self, world: World) -> None:
        gone = {**OWN, "app/image.toml": 'description = "a"\nsource = { type = "local", location = "/gone" }\n'}
        with pytest.raises(SourceError):
            world.prepared(gone, skip_existing=True, fetch=False)
        world.store("kolla/app:1", "kolla/base:1")
        assert actions(world.prepared(gone, skip_existing=True)) == {"build:base": "skip", "build:app": "skip"}

    def test_a_plan_fetches_nothing(self, world: World) -> None:
        prepared = world.prepared(OWN, fetch=False)
        assert prepared.base
        assert prepared.base.reason == "not fetched yet"
        assert "pull" not in world.calls()


class TestImagesOfKollas:
    def test_need_no_release_of_ours(self, world: World) -> None:
        world.store(DEBIAN)
        assert len(world.prepared(KOLLAS, release="2024.1").rendered) == 3

    def test_have_the_sources_that_kolla_knows(self, world: World) -> None:
        world.store(DEBIAN)
        (pin,) = world.prepared(KOLLAS).pins["etcd"]["etcd-archive"]
        assert pin.identity.startswith("url:https://github.com/etcd-io/etcd/releases/download/v3.")
        assert "-linux-amd64.tar.gz#sha256:" in pin.identity

    def test_stand_on_a_base_from_packages_where_that_is_preferred(self, world: World) -> None:
        prepared = world.prepared(KOLLAS, base_source="auto")
        assert prepared.base
        assert prepared.base.bootstrap
        assert prepared.rendered["base"].dockerfile == f"FROM {prepared.base.reference}"
        assert prepared.plan.steps["build:base"].needs == ("bootstrap:trixie",)
        assert prepared.plan.steps["build:lego"].needs == ()

    def test_that_stand_on_images_from_elsewhere_need_no_base(self, world: World) -> None:
        prepared = world.prepared({"lego/Dockerfile.j2": KOLLAS["lego/Dockerfile.j2"]})
        assert actions(prepared) == {"build:lego": "build"}
        assert "pull" not in world.calls()

    def test_stand_among_others_and_a_section_may_switch_a_source_off(self, world: World) -> None:
        """What is switched off is gone from the catalogue, and its section is still no mistake."""
        world.store(DEBIAN)
        off = {"app": SourceOptions(type="", enabled=False)}
        prepared = world.prepared(OWN, {"etcd/Dockerfile.j2": KOLLAS["etcd/Dockerfile.j2"]}, sources=off)
        assert list(prepared.pins["app"]) == ["plugins-archive", "additions-archive"]
        assert "etcd-archive" in prepared.pins["etcd"]


class TestToPush:
    def test_only_pushes_of_what_is_there_are_planned(self, world: World) -> None:
        world.store("r.example/kolla/app:1", "r.example/kolla/base:0")
        prepared = world.prepared(OWN, push=True, registry="r.example")
        assert actions(prepared) == {"push:app": "push"}
        assert (prepared.base, prepared.rendered, prepared.pins) == (None, {}, {})
        assert prepared.named["r.example/kolla/app:1"] == "id of r.example/kolla/app:1"
