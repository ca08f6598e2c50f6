"""What passed is remembered until anything changes that the checks depend on."""

import dataclasses
from dataclasses import replace
from pathlib import Path

import pytest

from kollage.image import Image, Layered, PerBase, Python, Verify
from kollage.verify import verdicts

IMAGE = Image(name="app", folder=Path("app"), description="", parent=None)


def test_an_image_that_passed_is_remembered(tmp_path: Path) -> None:
    folder = verdicts.folder(tmp_path)
    assert not verdicts.passed(folder, "f00")
    verdicts.keep(folder, "f00", image="kolla/app:1")
    assert verdicts.passed(folder, "f00")
    assert verdicts.excepted(folder, "f00") == 0
    verdicts.keep(folder, "f00", image="kolla/app:1", excepted=3)
    assert verdicts.excepted(folder, "f00") == 3
    (folder / "f00").write_text("kolla/app:1\n")  # as they were kept before
    assert verdicts.excepted(folder, "f00") == 0
    assert not verdicts.passed(folder, "f01")


@pytest.mark.parametrize(
    "changed",
    [
        replace(IMAGE, verify=Verify(size=1)),
        replace(IMAGE, commands=PerBase(everywhere=("app",))),
        replace(IMAGE, python=Python(packages=("app[extra]",))),
    ],
)
def test_another_fact_is_another_verdict(changed: Image) -> None:
    assert verdicts.key(changed, "17", "amd64") != verdicts.key(IMAGE, "17", "amd64")


def test_what_an_image_leaves_out_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = verdicts.key(IMAGE, "17", "amd64")
    later = dataclasses.make_dataclass(
        "Later", [("new", bool, dataclasses.field(default=False))], bases=(Verify,), frozen=True
    )
    monkeypatch.setattr(verdicts, "Verify", later)
    assert verdicts.key(replace(IMAGE, verify=later()), "17", "amd64") == before
    assert verdicts.key(replace(IMAGE, verify=later(new=True)), "17", "amd64") != before


def test_another_image_or_another_configuration_is_another_verdict(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    configured = replace(IMAGE, configuration={"config.json": Layered(tmp_path, "config.json", 0)})
    before = verdicts.key(configured, "17", "amd64")
    assert before == verdicts.key(configured, "17", "amd64") != verdicts.key(configured, "18", "amd64")
    assert before != verdicts.key(configured, "17", "arm64")
    (tmp_path / "config.json").write_text("[]")
    assert verdicts.key(configured, "17", "amd64") != before
