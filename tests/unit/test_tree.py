"""Folders laid over each other read as one tree: whose file it is, what belongs to an image, and where links end."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from kollage.catalogue.tree import Folder, image_folders, overlaid
from kollage.image import Layered


def touched(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def tree_of(names: Iterable[str], layer: int = 0) -> dict[str, Layered]:
    return {name: Layered(Path(f"layer-{layer}"), name, layer) for name in names}


def places(folders: Sequence[Folder]) -> dict[str, list[str]]:
    return {folder.place: list(folder.files) for folder in folders}


class TestOverlaid:
    def test_every_file_is_found_by_its_path(self, tmp_path: Path) -> None:
        touched(tmp_path, "a/b/c", "d", ".hidden")
        assert overlaid([tmp_path]) == {name: Layered(tmp_path, name, 0) for name in (".hidden", "d", "a/b/c")}

    def test_of_several_at_one_path_the_last_roots_is_there(self, tmp_path: Path) -> None:
        own, middle, top = (tmp_path / name for name in ("own", "middle", "top"))
        touched(own, "a/one", "a/two", "a/three")
        touched(middle, "a/two", "a/three", "b")
        touched(top, "a/three")
        assert {name: (file.path, file.layer) for name, file in overlaid([own, middle, top]).items()} == {
            "a/one": (own / "a/one", 0),
            "a/two": (middle / "a/two", 1),
            "a/three": (top / "a/three", 2),
            "b": (middle / "b", 1),
        }

    def test_the_order_is_that_of_names_whatever_the_disk_says(self, tmp_path: Path) -> None:
        touched(tmp_path, "b/2", "b/1", "a/1", "c")
        assert list(overlaid([tmp_path])) == ["c", "a/1", "b/1", "b/2"]

    def test_what_python_leaves_beside_scripts_is_left_out(self, tmp_path: Path) -> None:
        touched(tmp_path, "a/__pycache__/x.pyc", "a/x.py", "__pycache__/deep/y")
        assert list(overlaid([tmp_path])) == ["a/x.py"]

    def test_a_file_may_be_a_link(self, tmp_path: Path) -> None:
        touched(tmp_path, "real")
        (tmp_path / "link").symlink_to("real")
        assert overlaid([tmp_path])["link"].path == tmp_path / "link"

    def test_a_link_to_a_folder_is_followed(self, tmp_path: Path) -> None:
        touched(tmp_path / "elsewhere", "image/f")
        touched(tmp_path / "own", "g")
        (tmp_path / "own" / "linked").symlink_to(tmp_path / "elsewhere")
        assert list(overlaid([tmp_path / "own"])) == ["g", "linked/image/f"]


class TestLinksThatLeadBack:
    @pytest.mark.parametrize("target", [".", "..", "../..", "../../.."])
    def test_to_a_folder_above_is_not_followed(self, tmp_path: Path, target: str) -> None:
        touched(tmp_path, "root/a/b/f")
        (tmp_path / "root" / "a" / "b" / "back").symlink_to(target)
        assert list(overlaid([tmp_path / "root"])) == ["a/b/f"]

    def test_two_that_lead_to_each_other_are_followed_once(self, tmp_path: Path) -> None:
        touched(tmp_path, "root/a/f", "root/b/g")
        (tmp_path / "root" / "a" / "to-b").symlink_to("../b")
        (tmp_path / "root" / "b" / "to-a").symlink_to("../a")
        assert sorted(overlaid([tmp_path / "root"])) == ["a/f", "a/to-b/g", "b/g", "b/to-a/f"]

    def test_through_a_folder_elsewhere_it_is_not_followed(self, tmp_path: Path) -> None:
        touched(tmp_path, "root/f", "elsewhere/g")
        (tmp_path / "root" / "out").symlink_to("../elsewhere")
        (tmp_path / "elsewhere" / "home").symlink_to("../root")
        assert sorted(overlaid([tmp_path / "root"])) == ["f", "out/g"]

    def test_a_root_may_be_reached_by_a_link(self, tmp_path: Path) -> None:
        touched(tmp_path, "real/a/f")
        (tmp_path / "link").symlink_to("real")
        (tmp_path / "real" / "a" / "back").symlink_to(tmp_path / "real")
        assert list(overlaid([tmp_path / "link"])) == ["a/f"]


class TestImageFolders:
    def test_a_folder_with_facts_or_a_template_is_an_image_named_after_it(self) -> None:
        folders = image_folders(
            tree_of(["nova/nova-api/Dockerfile.j2", "base/image.toml", "tools/script", "macros.j2"])
        )
        assert [(folder.name, folder.place) for folder in folders] == [
            ("base", "base"),
            ("nova-api", "nova/nova-api"),
        ]

    def test_files_belong_to_the_nearest_image_above_them(self) -> None:
        names = ["base/image.toml", "base/sub/f", "base/inner/Dockerfile.j2", "base/inner/deep/g", "README"]
        assert places(image_folders(tree_of(names))) == {
            "base": ["image.toml", "sub/f"],
            "base/inner": ["Dockerfile.j2", "deep/g"],
        }

    def test_files_are_in_the_order_of_their_names_whichever_layer_they_come_from(self) -> None:
        tree = {**tree_of(["a/image.toml", "a/z", "a/b"]), **tree_of(["a/c", "a/y"], layer=1)}
        assert places(image_folders(tree)) == {"a": ["b", "c", "image.toml", "y", "z"]}

    @pytest.mark.parametrize(
        ("facts", "template", "whole"),
        [(0, None, False), (None, 0, True), (0, 0, False), (0, 1, True), (1, 0, False), (1, 1, False)],
    )
    def test_a_template_is_a_whole_dockerfile_unless_facts_lie_as_high(
        self, facts: int | None, template: int | None, whole: bool
    ) -> None:
        layers = {"a/image.toml": facts, "a/Dockerfile.j2": template}
        tree = {name: Layered(Path(), name, layer) for name, layer in layers.items() if layer is not None}
        (folder,) = image_folders(tree)
        assert folder.is_whole is whole

    def test_a_file_is_where_its_layer_has_it(self) -> None:
        (folder,) = image_folders({**tree_of(["a/image.toml"]), **tree_of(["a/f"], layer=3)})
        assert folder.file("f") == Path("layer-3/a/f")
