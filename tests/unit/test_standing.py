"""What is kept of a run with nothing to do, and what is left to the long way."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_engine import FakeEngine
from tests.unit.test_build import plan_of, prepared, step

from kollage import standing
from kollage.bootstrap import base
from kollage.engines import Local
from kollage.graph import Graph
from kollage.image import Image, Source
from kollage.options import Options, SourceOptions
from kollage.prepare import Prepared
from kollage.steps import Action

PINNED = {"": "0" * 64}


def options_in(tmp_path: Path, **said: Any) -> Options:
    return Options(cache_dir=tmp_path / "cache", images_dir=tmp_path / "images", **said)


def image_of(source: Source | None = None, **facts: Any) -> Image:
    return Image(name="0", folder=Path("0"), description="d", parent=None, sources=(source,) if source else (), **facts)


def idle(options: Options, *images: Image, action: Action = Action.REUSE) -> Prepared:
    return replace(
        prepared(FakeEngine()),
        graph=Graph(images=images, wanted=frozenset({"0"}), excluded={"x": "no"}, others=("1",)),
        base=base(options, epoch=0, reason=""),
        plan=plan_of(replace(step("0", action=action), found="17")),
    )


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    options = options_in(tmp_path)
    assert standing.found(options, standing.question(options)) is None
    standing.keep(options, standing.question(options), idle(options, image_of()))
    found = standing.found(options, standing.question(options))
    assert found
    assert (found.excluded, found.others, found.unbuildable) == ({"x": "no"}, ("1",), {})
    assert [each.found for each in found.plan.steps.values()] == ["17"]


@pytest.mark.parametrize(
    ("store", "holds"),
    [({"kolla/0:1": "17"}, True), ({"kolla/0:1": "18"}, False), ({"kolla/1:1": "17"}, False), ({}, False)],
)
def test_it_holds_where_each_name_is_that_of_the_image_that_was_found(
    tmp_path: Path, store: Mapping[str, str], holds: bool
) -> None:
    options = options_in(tmp_path)
    standing.keep(options, standing.question(options), idle(options, image_of()))
    found = standing.found(options, standing.question(options))
    assert found
    local = [Local(id=each, references=(name,), size=1) for name, each in store.items()]
    assert found.holds(local) is holds


SAID: list[dict[str, Any]] = [
    {"registry": "r.example"},
    {"scheduler": "tls://h:1"},
    {"sources": {"nova-base": SourceOptions(type="git")}},
    {"template_override": (Path("/o.j2"),)},
    {"patches_path": Path("/p")},
    {"repos_yaml": Path("/r")},
    {"apt_sources_list": Path("/a")},
    {"apt_preferences": Path("/a")},
    {"rpm_setup_config": ("u",)},
    {"force": True},
    {"no_reuse": True},
    {"refresh": True},
    {"updates": True},
    {"verify": True},
    {"push": True},
    {"skip_existing": True},
    {"skip_parents": True},
    {"base_image": "debian"},
    {"platform": "linux/amd64,linux/arm64"},
]


@pytest.mark.parametrize("said", SAID, ids=lambda said: next(iter(said)))
def test_what_could_decide_otherwise_the_next_time_goes_the_long_way(tmp_path: Path, said: dict[str, Any]) -> None:
    options = options_in(tmp_path, **said)
    standing.keep(options, standing.question(options), idle(options, image_of()))
    assert standing.found(options, standing.question(options)) is None
    assert not (tmp_path / "cache" / "standing").exists()


@pytest.mark.parametrize(
    ("source", "stands"),
    [
        (Source(name="a", type="pypi", location="nova"), True),
        (Source(name="a", type="release"), True),
        (Source(name="a", type="url", location="https://h/a.tar", sha256=PINNED), True),
        (Source(name="a", type="url", location="https://h/a.tar"), False),
        (Source(name="a", type="url", location="file:///a.tar", sha256=PINNED), False),
        (Source(name="a", type="git", location="https://h/a", reference="main"), False),
        (Source(name="a", type="local", location="/a"), False),
    ],
)
def test_sources_that_move_are_looked_at_each_time(tmp_path: Path, source: Source, stands: bool) -> None:
    options = options_in(tmp_path)
    standing.keep(options, standing.question(options), idle(options, image_of(source)))
    assert (standing.found(options, standing.question(options)) is not None) is stands


def test_images_with_a_whole_template_go_the_long_way(tmp_path: Path) -> None:
    options = options_in(tmp_path)
    standing.keep(options, standing.question(options), idle(options, image_of(whole=True)))
    assert standing.found(options, standing.question(options)) is None


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.REUSE])
def test_a_plan_of_anything_else_is_not_kept(tmp_path: Path, action: Action) -> None:
    options = options_in(tmp_path)
    standing.keep(options, standing.question(options), idle(options, image_of(), action=action))
    assert standing.found(options, standing.question(options)) is None


def test_a_base_that_a_registry_may_renew_is_looked_for(tmp_path: Path) -> None:
    options = options_in(tmp_path)
    pulled = replace(base(options, epoch=0, reason=""), bootstrap=None)
    standing.keep(options, standing.question(options), replace(idle(options, image_of()), base=pulled))
    assert standing.found(options, standing.question(options)) is None


@pytest.mark.parametrize("place", ["images/a/image.toml", "template/repos.yaml", "cache/epochs/x", "cache/updates/x"])
def test_a_file_that_comes_makes_it_another_question(tmp_path: Path, place: str) -> None:
    options = options_in(tmp_path)
    standing.keep(options, standing.question(options), idle(options, image_of()))
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert standing.found(options, standing.question(options)) is None
    path.unlink()
    assert standing.found(options, standing.question(options)) is not None


def test_what_changes_while_it_is_worked_out_is_seen_the_next_time(tmp_path: Path) -> None:
    options = options_in(tmp_path)
    question = standing.question(options)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "users.toml").touch()  # after the catalogue was read
    standing.keep(options, question, idle(options, image_of()))
    assert standing.found(options, standing.question(options)) is None


def test_the_program_itself_is_part_of_the_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = options_in(tmp_path)
    monkeypatch.setattr(standing, "_OWN", tmp_path / "kollage")
    standing.keep(options, standing.question(options), idle(options, image_of()))
    assert standing.found(options, standing.question(options)) is not None
    (tmp_path / "kollage").mkdir()
    (tmp_path / "kollage" / "plan.py").write_text("")
    assert standing.found(options, standing.question(options)) is None
