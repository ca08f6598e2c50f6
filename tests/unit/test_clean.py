"""What `kollage clean` removes, what it leaves alone, and what it says about that."""

import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage import process
from kollage.clean import LABEL, Outcome, Removal, chosen, listing, removed, run
from kollage.engines import BuildOrder, Engine, Local, engine_for
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.process import CommandError
from kollage.sources.store import Store as Sources

FP = {letter: f"fp-{letter * 32}" for letter in "abcdef"}


def local(identity: str, *names: str, size: int = 1000) -> Local:
    return Local(id=identity, references=names, size=size)


BASE = local("b1", "kolla/base:new", f"kolla/base:{FP['a']}", size=100)
CRON = local("c1", "kolla/cron:new", f"kolla/cron:{FP['b']}", size=200)
SHARED = local("s1", "kolla/nova:old", "kolla/nova:new", f"kolla/nova:{FP['c']}", size=300)
OLD = local("o1", f"registry.example:4000/kolla/heat:{FP['d']}", size=150)  # its name went to a later build
NAMELESS = local("n1", size=120)
IMAGES = (BASE, CRON, SHARED, OLD, NAMELESS)


def decided(options: Options, *images: Local) -> dict[str, tuple[tuple[str, ...], Outcome]]:
    return {each.id: (each.names, each.outcome) for each in chosen(images or IMAGES, options)}


# --- the decision ---


@pytest.mark.parametrize("options", [Options(), Options(dry_run=True)])
def test_nothing_is_removed_unasked(options: Options) -> None:
    engine = Store(stored=list(IMAGES))
    with pytest.raises(UsageError) as caught:
        removed(options, engine)
    assert caught.value.hint == "give --of-tag, --of-version, --dangling or --all; --unused-for for sources"
    assert caught.value.exit_code is ExitCode.USAGE
    assert engine.stored == list(IMAGES)
    with pytest.raises(UsageError):
        chosen(IMAGES, options)


def test_all_takes_every_image_with_all_its_names_and_children_before_parents() -> None:
    assert [each.id for each in chosen(IMAGES, Options(all=True))] == ["s1", "c1", "o1", "n1", "b1"]
    assert decided(Options(all=True)) == {image.id: (image.references, Outcome.REMOVED) for image in IMAGES}


def test_dangling_are_those_without_any_name() -> None:
    assert decided(Options(dangling=True)) == {"n1": ((), Outcome.REMOVED)}


def test_an_image_whose_last_given_name_goes_loses_that_of_its_identity_too() -> None:
    assert decided(Options(of_tag="new"), BASE) == {"b1": (BASE.references, Outcome.REMOVED)}


def test_names_with_another_tag_stay_and_with_them_the_image_and_its_identity() -> None:
    assert decided(Options(of_tag="new"), SHARED, OLD) == {"s1": (("kolla/nova:new",), Outcome.UNTAGGED)}
    own = local("x", "kolla/nova:new", "other.example/nova:mine", f"kolla/nova:{FP['f']}")
    assert decided(Options(of_tag="new"), own) == {"x": (("kolla/nova:new",), Outcome.UNTAGGED)}


def test_a_registrys_port_is_no_tag() -> None:
    assert decided(Options(of_tag="4000"), OLD) == {}
    assert decided(Options(of_tag="4000/kolla/heat"), OLD) == {}


def test_the_tag_of_an_identity_can_be_asked_for() -> None:
    assert decided(Options(of_tag=FP["d"]), OLD) == {"o1": (OLD.references, Outcome.REMOVED)}
    assert decided(Options(of_tag=FP["c"]), SHARED) == {"s1": (SHARED.references[2:], Outcome.UNTAGGED)}


def test_only_a_whole_identity_is_one() -> None:
    image = local("x", "kolla/nova:new", "kolla/nova:fp-1", f"kolla/nova:{FP['e']}")
    assert decided(Options(of_tag="new"), image) == {"x": (("kolla/nova:new",), Outcome.UNTAGGED)}


def test_what_somebody_built_on_one_of_ours_has_its_label_but_not_its_names() -> None:
    theirs = local("t1", "example.org/nova:new"), local("t2", "kolla/nova:fp-1")
    for options in (Options(all=True), Options(of_tag="new"), Options(of_version="0.2.0")):
        assert decided(options, *theirs) == {}


def test_a_bootstrapped_base_has_no_identity_in_its_name_and_is_ours() -> None:
    base = local("r1", "kollage-bootstrap/debian:trixie-0123456789ab")
    assert decided(Options(all=True), base) == {"r1": (base.references, Outcome.REMOVED)}


def test_conditions_narrow_each_other() -> None:
    assert decided(Options(all=True, dangling=True)).keys() == {"n1"}
    assert decided(Options(all=True, of_tag="old")).keys() == {"s1"}
    with pytest.raises(UsageError, match="an image without a name has no tag"):
        chosen(IMAGES, Options(dangling=True, of_tag="new"))


def test_an_image_that_is_listed_once_for_each_name_is_one() -> None:
    rows = [replace(SHARED, references=(name,)) for name in SHARED.references]
    assert decided(Options(all=True), *rows) == {"s1": (SHARED.references, Outcome.REMOVED)}
    assert decided(Options(of_tag="new"), *rows) == {"s1": (("kolla/nova:new",), Outcome.UNTAGGED)}


# --- the action ---


@dataclass(kw_only=True)
class Store(FakeEngine):
    """An engine with images that may stand on each other or be used; it can refuse, or keep them without a word."""

    stored: list[Local] = field(default_factory=list)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by id; without an entry: ours
    needed_by: dict[str, str] = field(default_factory=dict)  # id -> what stands on it
    silent: bool = False
    removed: list[str] = field(default_factory=list)

    def images(self, label: str = "") -> tuple[Local, ...]:
        return tuple(image for image in self.stored if not label or label in self.labels.get(image.id, (LABEL,)))

    def remove(self, images: Iterable[str]) -> None:
        for name in images:
            self._remove(name)

    def _remove(self, name: str) -> None:
        image = next(image for image in self.stored if name in (image.id, *image.references))
        left = tuple(each for each in image.references if each != name)
        self.removed.append(name)
        needed = not left and self.needed_by.get(image.id) in {"a container", *(each.id for each in self.stored)}
        if needed and not self.silent:
            raise CommandError(["fake", "rmi", name], 1, [f"image is used by {self.needed_by[image.id]}"])
        place = self.stored.index(image)
        self.stored[place : place + 1] = [replace(image, references=left)] if left or needed else []

    def tag(self, image: str, reference: str) -> None:
        place = next(place for place, each in enumerate(self.stored) if each.id == image)
        names = (*self.stored[place].references, reference)
        self.stored[place] = replace(self.stored[place], references=names)


def outcomes(removals: Iterable[Removal]) -> dict[str, Outcome]:
    return {each.id: each.outcome for each in removals}


def test_what_was_chosen_goes_and_nothing_else() -> None:
    engine = Store(stored=list(IMAGES))
    removals = removed(Options(of_tag="new"), engine)
    assert outcomes(removals) == {"s1": Outcome.UNTAGGED, "c1": Outcome.REMOVED, "b1": Outcome.REMOVED}
    assert engine.stored == [replace(SHARED, references=("kolla/nova:old", f"kolla/nova:{FP['c']}")), OLD, NAMELESS]


def test_an_image_without_a_name_goes_by_its_id() -> None:
    engine = Store(stored=list(IMAGES))
    removed(Options(dangling=True), engine)
    assert engine.removed == ["n1"]


def test_a_dry_run_says_the_same_and_removes_nothing() -> None:
    engine = Store(stored=list(IMAGES))
    expected = removed(Options(of_tag="new", dry_run=True), engine)
    assert (engine.stored, engine.removed) == (list(IMAGES), [])
    assert removed(Options(of_tag="new"), engine) == expected


def test_images_of_somebody_else_are_never_touched() -> None:
    theirs = local("t1", "docker.io/library/debian:new")
    engine = Store(stored=[theirs, CRON, NAMELESS], labels={"t1": (), "n1": ("maintainer",)})
    removed(Options(all=True), engine)
    removed(Options(dangling=True), engine)
    assert engine.stored == [theirs, NAMELESS]


def test_a_version_chooses_among_our_images_by_their_label() -> None:
    labels: dict[str, tuple[str, ...]] = {
        "b1": (LABEL, "kolla_version=0.2.0"),
        "c1": (LABEL, "kolla_version=0.1.0"),
        "s1": ("kolla_version=0.2.0",),  # Kolla's own
    }
    engine = Store(stored=[BASE, CRON, SHARED], labels=labels)
    assert outcomes(removed(Options(of_version="0.2.0", all=True), engine)) == {"b1": Outcome.REMOVED}
    assert engine.stored == [CRON, SHARED]


def test_what_a_container_uses_is_kept_with_all_its_names_and_the_engines_reason() -> None:
    engine = Store(stored=[BASE, CRON], needed_by={"c1": "a container"})
    cron, base = removed(Options(all=True), engine)
    assert (cron.outcome, cron.reason) == (Outcome.KEPT, "image is used by a container")
    assert base.outcome is Outcome.REMOVED
    assert [(image.id, set(image.references)) for image in engine.stored] == [("c1", set(CRON.references))]


def test_an_engine_that_keeps_an_image_without_a_word_is_found_out() -> None:
    engine = Store(stored=[BASE], needed_by={"b1": "a container"}, silent=True)
    [base] = removed(Options(all=True), engine)
    assert (base.outcome, base.reason) == (Outcome.KEPT, "containers or other images stand on it")
    assert {*engine.stored[0].references} == {*BASE.references}


def test_a_parent_that_is_no_smaller_than_its_child_goes_once_the_child_is_gone() -> None:
    child = replace(CRON, size=BASE.size, references=("kolla/zun:new", f"kolla/zun:{FP['e']}"))
    grandchild = replace(child, id="g1", references=("kolla/zun-api:new", f"kolla/zun-api:{FP['f']}"))
    engine = Store(stored=[BASE, child, grandchild], needed_by={"b1": "c1", "c1": "g1"})
    assert [each.id for each in chosen(engine.images(), Options(all=True))] == ["b1", "g1", "c1"]
    assert set(outcomes(removed(Options(all=True), engine)).values()) == {Outcome.REMOVED}
    assert engine.stored == []


def test_what_is_gone_already_is_gone() -> None:
    class Sweeping(Store):  # as podman, which removes a parent without a name together with its last child
        def remove(self, images: Iterable[str]) -> None:
            super().remove(images)
            self.stored.clear()

        def _remove(self, name: str) -> None:
            if not self.stored:
                raise CommandError(["fake", "rmi", name], 1, [f"{name}: image not known"])
            super()._remove(name)

    assert set(outcomes(removed(Options(all=True), Sweeping(stored=[BASE, CRON]))).values()) == {Outcome.REMOVED}


def test_keeping_what_is_used_is_a_success_and_the_stream_hears_what_came_of_it() -> None:
    stream = StringIO()
    engine = Store(stored=[BASE, CRON], needed_by={"c1": "a container"})
    assert run(Options(all=True), stream, engine) == ExitCode.OK
    assert "image is used by a container\n" in stream.getvalue()
    assert stream.getvalue().endswith("\n1 removed, 1 kept\n")


@pytest.mark.engine
@pytest.mark.parametrize("name", ["buildah", "podman"])
def test_a_real_store_is_cleaned(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    settings = f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/store"\nrunroot = "{tmp_path}/run"\n'
    (tmp_path / "storage.conf").write_text(settings)
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    options = Options(engine=name, cache_dir=tmp_path / "cache", of_tag="new")
    engine = engine_for(options)
    built(engine, tmp_path, "scratch", "kolla/base:new", f"kolla/base:{FP['a']}")
    built(engine, tmp_path, "kolla/base:new", "kolla/cron:new", "kolla/cron:old", f"kolla/cron:{FP['b']}")
    used = built(engine, tmp_path, "kolla/base:new", "kolla/nova:new", f"kolla/nova:{FP['c']}")
    built(engine, tmp_path, "scratch", "theirs:new", labels={})
    built(engine, tmp_path, "kolla/base:new", "theirs-too:new", labels={})  # inherits the label
    process.run([name, "from" if name == "buildah" else "create", used, *(["sh"] if name == "podman" else [])])

    said = removed(options)
    assert {each.names[0]: each.outcome for each in said} == {
        "kolla/base:new": Outcome.REMOVED,
        "kolla/cron:new": Outcome.UNTAGGED,
        "kolla/nova:new": Outcome.KEPT,
    }
    assert "in use" in next(each.reason for each in said if each.outcome is Outcome.KEPT)
    left = {image.id: set(image.references) for image in engine.images() if image.references}
    assert left.pop(used) == {"kolla/nova:new", f"kolla/nova:{FP['c']}"}
    assert sorted(map(sorted, left.values())) == [
        [f"kolla/cron:{FP['b']}", "kolla/cron:old"],
        ["theirs-too:new"],
        ["theirs:new"],
    ]


def built(engine: Engine, folder: Path, parent: str, *names: str, labels: Mapping[str, str] | None = None) -> str:
    """An image with a file of its own, and by default with the label of our images."""
    context = folder / "context"
    context.mkdir(exist_ok=True)
    (context / "file").write_text(names[0])
    (context / "Dockerfile").write_text(f"FROM {parent}\nCOPY file /{names[0].replace(':', '-')}\n")
    order = BuildOrder(
        context=context,
        dockerfile=context / "Dockerfile",
        references=names,
        labels={LABEL: "1"} if labels is None else labels,
        cache=False,
    )
    return engine.build(order, lambda _line: None)


# --- the listing ---

REMOVALS = (
    Removal(id="c" * 64, names=CRON.references, size=402_000_000, outcome=Outcome.REMOVED),
    Removal(id="s1", names=("kolla/nova:new",), size=300_000_000, outcome=Outcome.UNTAGGED),
    Removal(id="b1", names=BASE.references, size=200_000_000, outcome=Outcome.KEPT, reason="in use"),
    Removal(id="n" * 64, names=(), size=100_000_000, outcome=Outcome.REMOVED),
)


def test_the_listing_names_images_as_people_do() -> None:
    assert listing(REMOVALS, Options(all=True)) == (
        "image           result      size  reason\n"
        "kolla/cron:new  removed   402 MB\n"
        "kolla/nova:new  untagged  300 MB\n"
        "kolla/base:new  kept      200 MB  in use\n"
        "nnnnnnnnnnnn    removed   100 MB\n"
        "\n"
        "2 removed, 1 untagged, 1 kept\n"
    )
    assert OLD.references[0] in listing(chosen([OLD], Options(all=True)), Options(all=True))


def test_a_dry_run_is_told_in_the_future() -> None:
    assert listing(REMOVALS[:2], Options(all=True, dry_run=True)).splitlines() == [
        "image           result       size",
        "kolla/cron:new  to remove  402 MB",
        "kolla/nova:new  to untag   300 MB",
        "",
        "1 to remove, 1 to untag",
    ]


def test_quiet_says_the_totals_and_nothing_is_said_to_be_nothing() -> None:
    assert listing(REMOVALS, Options(all=True, quiet=True)) == "2 removed, 1 untagged, 1 kept\n"
    assert listing((), Options(all=True)) == "nothing to remove\n"


def test_the_listing_can_be_read_by_a_program() -> None:
    told = json.loads(listing(REMOVALS[2:3], Options(all=True, format="json")))
    assert told == {
        "images": [
            {"id": "b1", "names": [*BASE.references], "size": 200_000_000, "outcome": "kept", "reason": "in use"}
        ],
        "counts": {"removed": 0, "untagged": 0, "kept": 1},
        "sources": {"count": 0, "bytes": 0},
        "dry_run": False,
    }


# --- sources ---


def with_sources(cache: Path, *ages: int) -> Path:
    """A cache with a source for each age in days; gives the folder of their contents."""
    store = Sources(cache / "sources")
    for days in ages:
        with store.scratch() as scratch:
            (scratch / "file").write_bytes(b"x" * 1000 * (days + 1))
            store.keep(f"url:{days}", scratch / "file")
    for path in store.root.glob("[fk]*/*"):
        size = json.loads(path.read_text())["key"].partition(":")[2] if path.suffix else path.stat().st_size // 1000 - 1
        then = time.time() - int(size) * 86_400 - 60
        os.utime(path, (then, then))
    return store.root / "files"


def test_sources_that_nothing_asked_for_go_and_no_engine_is_asked(tmp_path: Path) -> None:
    files = with_sources(tmp_path, 0, 3, 8)
    stream = StringIO()
    assert run(Options(cache_dir=tmp_path, unused_for=7), stream, Store(stored=[])) is ExitCode.OK
    assert stream.getvalue() == "1 source removed, 0.0 MB\n"
    assert sorted(path.stat().st_size for path in files.iterdir()) == [1000, 4000]
    assert removed(Options(cache_dir=tmp_path, unused_for=7)) == ()


def test_a_dry_run_keeps_sources_and_says_what_would_go(tmp_path: Path) -> None:
    files = with_sources(tmp_path, 3, 8)
    stream = StringIO()
    run(Options(cache_dir=tmp_path, unused_for=2, dry_run=True, format="json"), stream)
    told = json.loads(stream.getvalue())
    assert (told["sources"], told["dry_run"]) == ({"count": 2, "bytes": 13_000}, True)
    assert len([*files.iterdir()]) == 2


def test_what_a_run_asked_for_is_used(tmp_path: Path) -> None:
    with_sources(tmp_path, 8)
    assert Sources(tmp_path / "sources").recorded("url:8")
    assert Sources(tmp_path / "sources").unused(7).notes == ()


def test_without_a_cache_there_is_nothing_to_remove(tmp_path: Path) -> None:
    stream = StringIO()
    run(Options(cache_dir=tmp_path / "none", unused_for=7), stream)
    assert stream.getvalue() == "nothing to remove\n"
    assert not (tmp_path / "none").exists()
