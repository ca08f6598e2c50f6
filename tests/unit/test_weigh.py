"""Images of the store are weighed, taken apart and compared, for people and for programs."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.looked_into import Store, store_in
from tests.unit.size.roots import distribution, package, status

from kollage import catalogue, weigh
from kollage.errors import UsageError
from kollage.options import Options

PARENTS = {"base": "", "app": "base", "tool": "base"}
BASE = {**status(bash="5"), **package("bash", "5", "/usr/bin/bash"), "usr/bin/bash": "b" * 2000}
APP = {
    **BASE,
    **distribution("venv", "lib", "1.0", {"lib.py": "l" * 200_000}),
    "opt/one": "x" * 120_000,
    "opt/two": "x" * 120_000,
}

Weigh = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = store_in(tmp_path / "engine", monkeypatch)
    made.put("1", BASE, ["kolla/base:1"], size="100 MB")
    made.put("2", APP, ["kolla/app:1"], size="140 MB")
    made.put("3", {**APP, **distribution("venv", "lib", "2.0", {"lib.py": "l" * 300_000})}, ["elsewhere/app:2"])
    return made


@pytest.fixture
def told(store: Store, tmp_path: Path) -> Weigh:
    images = tmp_path / "images"
    for name, parent in PARENTS.items():
        (images / name).mkdir(parents=True)
        stands = f'parent = "{parent}"\n' if parent else ""
        (images / name / "image.toml").write_text(f'description = "x"\n{stands}', encoding="utf-8")
    options = Options(engine="buildah", tag="1", cache_dir=tmp_path / "cache")

    def tell(*names: str, **flags: object) -> str:
        stream = io.StringIO()
        chosen = replace(options, regex=names, **flags)  # type: ignore[arg-type] # flags of several types
        assert weigh.run(catalogue.load_catalogue(images), chosen, stream) == 0
        return stream.getvalue()

    return tell


SEVERAL = """\
image    size     own  files  in files
app    140 MB  +40 MB      8    0.4 MB
base   100 MB              3      2 kB
"""


def test_several_images_are_a_line_each(told: Weigh) -> None:
    assert sorted(told().splitlines()) == sorted(SEVERAL.splitlines())


def test_every_container_is_removed(told: Weigh, store: Store) -> None:
    told()
    assert len(store.calls("from")) == len(store.calls("rm")) == 2
    assert store.calls("run") == []


def test_one_image_is_taken_apart(told: Weigh) -> None:
    lines = [" ".join(line.split()) for line in told("^app$").splitlines()]
    assert lines[:2] == ["image size own files in files", "app 140 MB +40 MB 8 0.4 MB"]
    assert {
        "packages of the distribution: 2 kB",
        "bash 5 2 kB 1",
        "lib 1.0 0.2 MB 3",
        "1 content is there more than once, 0.1 MB too much",
        "/opt/one 0.1 MB 2 /opt/two",
        "/venv/lib.py 0.2 MB",
    } <= set(lines)


def test_details_take_each_apart(told: Weigh) -> None:
    text = told(details=True)
    assert text.count("largest file") == 2


def test_programs_get_all_of_it(told: Weigh) -> None:
    (image,) = json.loads(told("^app$", format="json"))["images"]
    assert (image["name"], image["reference"], image["parent"]) == ("app", "kolla/app:1", "base")
    assert (image["size"], image["own"], image["files"]) == (140_000_000, 40_000_000, 8)
    found = image["inventory"]
    assert found["duplicates"] == [{"size": 120_000, "paths": ["/opt/one", "/opt/two"]}]
    assert sum(each["size"] for each in found["folders"]) == found["size"] == image["inside"]
    assert [each["inventory"] for each in json.loads(told(format="json"))["images"]] == [None, None]


def test_an_image_can_be_named_in_full(told: Weigh) -> None:
    (image,) = json.loads(told("elsewhere/app:2", format="json"))["images"]
    assert (image["name"], image["own"]) == ("elsewhere/app:2", None)


COMPARED = """\
from kolla/app:1
to elsewhere/app:2

name  kind    what       by  version
lib   python  grew  +0.1 MB  1.0 -> 1.0, 2.0

+0.1 MB: 0.4 MB in 8 files before, 0.5 MB in 10 after
"""


def test_two_images_are_compared(told: Weigh) -> None:
    assert told("elsewhere/app:2", compare="app") == COMPARED


def test_what_is_not_there_before_or_after_came_or_went(told: Weigh) -> None:
    came = json.loads(told("app", compare="base", format="json"))
    went = json.loads(told("base", compare="app", format="json"))
    assert {each["name"]: each["what"] for each in came["changes"]} == {"lib": "came", "/opt": "came"}
    assert {each["name"]: each["what"] for each in went["changes"]} == {"lib": "went", "/opt": "went"}
    assert sum(each["size"] for each in came["changes"]) == came["after"]["size"] - came["before"]["size"]
    assert [each["size"] for each in went["changes"]] == [-each["size"] for each in came["changes"]]


def test_an_image_and_itself_have_no_difference(told: Weigh) -> None:
    assert "no difference\n" in told("app", compare="kolla/app:1")


@pytest.mark.parametrize(
    ("names", "flags", "message"),
    [
        (("tool",), {}, "none of these images is in the store"),
        (("base", "app"), {"compare": "tool"}, "one image is compared with one other"),
        ((), {"compare": "app"}, "one image is compared with one other"),
        (("app",), {"compare": "tool"}, "kolla/tool:1 is not in the engine's store"),
        (("zzz",), {"compare": "app"}, "zzz is not in the engine's store"),
    ],
)
def test_what_cannot_be_weighed_is_said(
    told: Weigh, names: tuple[str, ...], flags: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        told(*names, **flags)
    assert raised.value.message == message
