"""What is right in an image is right in those that stand on it; who starts the commands of shared code is said once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue.inherited import inherited
from kollage.errors import CatalogueError
from kollage.image import Image, Verify


def image(name: str, parent: str | None = None, exceptions: Mapping[str, str] = {}, by: tuple[str, ...] = ()) -> Image:
    verify = Verify(exceptions=exceptions, commands_by=by)
    return Image(name=name, folder=Path(name), description="", parent=parent, verify=verify)


def made(*images: Image) -> dict[str, Image]:
    return inherited({each.name: each for each in images})


def test_exceptions_come_down_and_the_nearest_reason_counts() -> None:
    images = made(
        image("base", exceptions={"a x": "base", "b y": "base"}),
        image("app", "base", {"b y": "app"}),
        image("app-api", "app", {"c z": "api"}),
        image("tool"),
    )
    assert images["app-api"].verify.exceptions == {"a x": "base", "b y": "app", "c z": "api"}
    assert images["app"].verify.exceptions == {"a x": "base", "b y": "app"}
    assert images["base"].verify.exceptions == {"a x": "base", "b y": "base"}
    assert images["tool"].verify.exceptions == {}


def test_who_starts_the_commands_is_said_for_all_below() -> None:
    images = made(image("base"), image("app", "base", by=("app-worker",)), image("app-worker", "app"))
    assert images["app-worker"].verify.commands_by == ("app-worker",)
    assert images["base"].verify.commands_by == ()


def test_a_worker_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(CatalogueError, match=r"app/image\.toml: verify\.commands-by: there is no image 'app-wroker'"):
        made(image("app", by=("app-wroker",)), image("app-worker", "app"))


@pytest.mark.parametrize("parent", ["app", "nowhere"])
def test_a_circle_and_a_missing_parent_are_left_to_who_makes_the_graph(parent: str) -> None:
    assert made(image("app", parent, {"a x": "why"}))["app"].verify.exceptions == {"a x": "why"}
