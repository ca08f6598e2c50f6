"""Updates are counted for the image that brought the package, and what was built because of them is remembered."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from tests.unit.archives.archive import Signer, signer, write_suite
from tests.unit.looked_into import Store, store_in
from tests.unit.test_plan import FETCHED, OPTIONS, graph_of, rendered_of

from kollage import catalogue, engines
from kollage.errors import UsageError
from kollage.fingerprint import tag
from kollage.options import Options
from kollage.plan import identify, identities
from kollage.prepare import Prepared, prepare
from kollage.render import Rendered
from kollage.updates import keep, looking, remembered, settled
from kollage.updates.looking import look

PARENTS = {"base": None, "app": "base", "tool": "base"}
GRAPH = graph_of(PARENTS)
RENDERED = {name: rendered_of(name, parent) for name, parent in PARENTS.items()}
IDENTIFY = partial(identities, GRAPH, OPTIONS, base=FETCHED, pins={})
HAS = {"base": {"bash": "1"}, "app": {"bash": "1", "curl": "8"}, "tool": {"bash": "2"}}


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    with signer(tmp_path_factory.mktemp("keys") / "d") as made:
        yield made


def files(address: str, key: bytes, **versions: str) -> dict[str, str]:
    """What an image has of packages and archives."""
    status = "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        for name, version in {"dpkg": "1", **versions}.items()
    )
    return {
        "var/lib/dpkg/status": status,
        "etc/apt/sources.list": f"deb {address} trixie main\ndeb cdrom:x trixie main\n",
        "etc/apt/trusted.gpg.d/own.asc": key.decode(),
    }


@dataclass(frozen=True)
class World:
    """Three images in a store and the archive that they come from."""

    store: Store
    archive: Path
    by: Signer
    options: Options

    def offer(self, **versions: str) -> str:
        return write_suite(self.archive, self.by, versions)

    def look(self, *names: str) -> Mapping[str, list[str]]:
        """The updates of these images."""
        there = {name: f"id-{name}" for name in names}
        found = look(GRAPH, there, engines.engine_for(self.options), self.options)
        return {name: [f"{each.package}={each.candidate}" for each in those] for name, those in found.updates.items()}

    def settled(self, *, asked: bool = True) -> Mapping[str, tuple[str, ...]]:
        """The updates that go into the identity of each image that has any."""
        options = replace(self.options, updates=asked)
        rendered, known = settled(RENDERED, IDENTIFY, GRAPH, engines.engine_for(options).images(), options)
        assert known == IDENTIFY(rendered=rendered)
        if asked:
            keep(options, rendered)
        return {name: each.updates for name, each in rendered.items() if each.updates}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, distribution: Signer) -> World:
    store = store_in(tmp_path / "engine", monkeypatch)
    options = replace(OPTIONS, cache_dir=tmp_path / "cache", engine="buildah")
    made = World(store=store, archive=tmp_path / "archive", by=distribution, options=options)
    address = made.offer(bash="2", curl="9")
    known = IDENTIFY(rendered=RENDERED)
    for name, packages in HAS.items():
        names = [f"kolla/{name}:1", f"kolla/{name}:{tag(known[name])}"]
        store.put(f"id-{name}", files(address, distribution.key(letters=True), **packages), names)
    return made


class TestLooking:
    def test_finds_updates_where_the_package_came_in(self, world: World) -> None:
        assert world.look(*PARENTS) == {"base": ["bash=2"], "app": ["curl=9"]}

    def test_counts_for_a_child_what_a_parent_that_is_not_there_would_have_brought(self, world: World) -> None:
        assert world.look("app") == {"app": ["bash=2", "curl=9"]}

    def test_opens_no_image_twice_and_leaves_none_open(self, world: World) -> None:
        first = world.look(*PARENTS)
        assert world.look(*PARENTS) == first
        assert len(world.store.calls("from")) == len(world.store.calls("rm")) == len(PARENTS)
        assert world.store.calls("run") == []

    def test_sees_what_the_archive_has_now(self, world: World) -> None:
        world.look(*PARENTS)
        world.offer(bash="3", curl="8")
        assert world.look(*PARENTS) == {"base": ["bash=3"], "tool": ["bash=3"]}

    def test_says_what_could_not_be_told(self, world: World) -> None:
        world.store.put("id-none", {"etc/hostname": "x"})
        there = {"base": "id-base", "app": "id-none"}
        found = look(GRAPH, there, engines.engine_for(world.options), world.options)
        assert found.notes == (
            "cdrom:x is not reached by http, https or as a file: it is not asked for updates",
            "app has no package of dpkg",
        )

    def test_of_a_base_without_dpkg_is_refused(self, world: World) -> None:
        with pytest.raises(UsageError, match="archives of rocky cannot be asked"):
            look(GRAPH, {}, engines.engine_for(world.options), replace(world.options, base="rocky"))


class TestIdentity:
    def test_has_the_updates_of_the_images_that_have_any(self, world: World) -> None:
        assert world.settled() == {"base": ("bash=2",), "app": ("curl=9",)}

    def test_is_the_same_as_ever_without_updates(self, world: World) -> None:
        world.offer(bash="1")
        assert world.settled() == {}
        assert identify(RENDERED["base"], parent="", pins=(), options=OPTIONS) == identify(
            replace(RENDERED["base"], updates=()), parent="", pins=(), options=OPTIONS
        )

    def test_is_another_one_with_updates(self) -> None:
        one, other = (replace(RENDERED["base"], updates=each) for each in (("a=1",), ("a=2",)))
        found = {identify(each, parent="", pins=(), options=OPTIONS) for each in (RENDERED["base"], one, other)}
        assert len(found) == 3

    def test_does_not_go_back_in_a_later_run_without_the_flag(self, world: World) -> None:
        found = world.settled()
        assert world.settled(asked=False) == found

    def test_is_not_touched_by_a_plan_that_nobody_carried_out(self, world: World) -> None:
        options = replace(world.options, updates=True)
        settled(RENDERED, IDENTIFY, GRAPH, engines.engine_for(options).images(), options)
        assert world.settled(asked=False) == {}

    def test_keeps_what_was_found_before_and_takes_the_newest(self, world: World) -> None:
        keep(world.options, {name: replace(RENDERED[name], updates=("bash=1.5", "ssl=3")) for name in ("base",)})
        known = IDENTIFY(rendered={**RENDERED, "base": replace(RENDERED["base"], updates=("bash=1.5", "ssl=3"))})
        world.store.put("id-again", files(f"file://{world.archive}", world.by.key(letters=True), bash="1.5"))
        rows = json.loads((world.store.folder / "images.json").read_text(encoding="utf-8"))
        rows[-1]["names"] = [f"localhost/kolla/base:{tag(known['base'])}"]
        (world.store.folder / "images.json").write_text(json.dumps(rows), encoding="utf-8")
        assert world.settled()["base"] == ("bash=2", "ssl=3")

    def test_of_what_is_to_be_built_is_not_asked_for(self, world: World) -> None:
        (world.store.folder / "images.json").write_text("[]", encoding="utf-8")
        assert world.settled() == {}
        assert world.store.calls("from") == []


class TestMemory:
    @pytest.fixture
    def options(self, tmp_path: Path) -> Options:
        return replace(OPTIONS, cache_dir=tmp_path / "cache")

    def kept(self, options: Options, **updates: tuple[str, ...]) -> None:
        keep(options, {name: rendered(name, found) for name, found in updates.items()})

    def test_begins_empty(self, options: Options) -> None:
        assert remembered(options) == {}

    def test_of_two_runs_is_one(self, options: Options) -> None:
        self.kept(options, base=("a=1", "b=2"), app=())
        self.kept(options, base=("a=0.9", "c=1:3"), tool=("x=1",))
        assert remembered(options) == {"base": ("a=1", "b=2", "c=1:3"), "tool": ("x=1",)}

    def test_is_one_for_each_release_base_and_machine(self, options: Options) -> None:
        self.kept(options, base=("a=1",))
        for other in ({"release": "2026.1"}, {"base_tag": "bookworm"}, {"base_arch": "aarch64"}):
            assert remembered(replace(options, **other)) == {}  # type: ignore[arg-type] # texts, all of them

    @pytest.mark.parametrize("text", ["", "[]", '{"base": "a=1"}', '{"base": [1]}', '{"base": ["a"]}', "\0"])
    def test_that_is_broken_is_set_aside_and_said(
        self, options: Options, text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.kept(options, base=("a=1",))
        (file,) = (options.cache_dir / "updates").glob("*.json")
        file.write_text(text, encoding="utf-8")
        assert remembered(options) == {}
        assert "cannot be read and is set aside" in capsys.readouterr().err
        assert file.with_suffix(".unreadable").read_text(encoding="utf-8") == text
        assert remembered(options) == {}
        assert capsys.readouterr().err == ""


def rendered(name: str, found: tuple[str, ...]) -> Rendered:
    return replace(rendered_of(name, None), updates=found)


def catalogue_in(folder: Path) -> Path:
    """A catalogue of the three images."""
    images = folder / "images"
    texts = {
        f"{name}/image.toml": 'description = "x"\n' + (f'parent = "{parent}"\n' if parent else "")
        for name, parent in PARENTS.items()
    }
    for name, text in {**texts, "releases/2026.2.toml": RELEASE, "releases/2026.2.lock": ""}.items():
        path = images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return images


# --- in a plan ---

GROUND = "r.example/debian:trixie"
RELEASE = 'name = "2026.2"\ncodename = ""\nepoch = "2026-11-01"\n[projects]\nthing = "1.0"\n'


@dataclass(frozen=True)
class Planning:
    """A catalogue of the three images, and plans of it."""

    images: Path
    options: Options

    def prepared(self, *, asked: bool = False) -> Prepared:
        options = replace(self.options, updates=asked)
        return prepare(catalogue.with_options(catalogue.load_catalogue(self.images), options), options)

    def actions(self, *, asked: bool = False) -> dict[str, str]:
        return {step.image: step.decision.action.value for step in self.prepared(asked=asked).plan.steps.values()}


@pytest.fixture
def planning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, distribution: Signer) -> Planning:
    store = store_in(tmp_path / "engine", monkeypatch)
    options = replace(
        OPTIONS, cache_dir=tmp_path / "cache", engine="buildah", base_image="r.example/debian", base_source="registry"
    )
    made = Planning(catalogue_in(tmp_path), options)
    store.put("ground", {}, [GROUND])
    address = write_suite(tmp_path / "archive", distribution, {"curl": "9"})
    for step in made.prepared().plan.steps.values():
        own = files(address, distribution.key(letters=True), **HAS[step.image])
        store.put(f"id-{step.image}", own, [step.reference, f"kolla/{step.image}:{tag(step.identity)}"])
    return made


def test_a_plan_builds_what_has_updates_and_nothing_else(planning: Planning) -> None:
    assert planning.actions() == {"base": "reuse", "app": "reuse", "tool": "reuse"}
    assert planning.actions(asked=True) == {"base": "reuse", "app": "build", "tool": "reuse"}


def test_a_plan_builds_the_children_of_what_has_updates(
    planning: Planning, tmp_path: Path, distribution: Signer
) -> None:
    write_suite(tmp_path / "archive", distribution, {"bash": "3"})
    assert planning.actions(asked=True) == {"base": "build", "app": "build", "tool": "build"}


def test_a_build_that_was_begun_is_what_later_plans_go_on_with(planning: Planning) -> None:
    prepared = planning.prepared(asked=True)
    keep(planning.options, prepared.rendered)
    later = planning.prepared()
    assert later.plan.steps["build:app"].identity == prepared.plan.steps["build:app"].identity
    assert planning.actions() == {"base": "reuse", "app": "build", "tool": "reuse"}


# --- the verb ---

TEXT = """\
image  package  installed  candidate  from
base   bash     1          2          trixie
app    curl     8          9          trixie

2 updates in 2 images
note: cdrom:x is not reached by http, https or as a file: it is not asked for updates
"""


def run(world: World, folder: Path, **flags: object) -> str:
    images = catalogue_in(folder)
    stream = io.StringIO()
    options = replace(world.options, **flags)  # type: ignore[arg-type] # flags of several types
    assert looking.run(catalogue.load_catalogue(images), options, stream) == 0
    return stream.getvalue()


def test_the_verb_tells_every_update_once(world: World, tmp_path: Path) -> None:
    assert run(world, tmp_path) == TEXT


def test_the_verb_tells_programs_the_same(world: World, tmp_path: Path) -> None:
    told = json.loads(run(world, tmp_path, format="json"))
    bash = {"package": "bash", "installed": "1", "candidate": "2", "suite": "trixie"}
    assert told["images"]["base"] == [bash]
    assert list(told["images"]) == ["app", "base"]


def test_the_verb_says_that_there_are_none(world: World, tmp_path: Path) -> None:
    world.offer(bash="1")
    assert run(world, tmp_path).startswith("no updates\n")


def test_the_verb_needs_an_image_in_the_store(world: World, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none of these images is in the store: kolla/base:2"):
        run(world, tmp_path, tag="2")
