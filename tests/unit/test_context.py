"""A build context on disk is the same on every machine, holds nothing of before, and lies only where it may."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kollage.catalogue import Catalogue, load_catalogue
from kollage.contents import ContextFile
from kollage.context import claim, dockerfile, write_rendered, write_templates
from kollage.errors import UsageError
from kollage.image import Image
from kollage.options import Options
from kollage.render import Rendered, settle

OWN: Mapping[str, str] = {
    "base/image.toml": 'description = "b"\n',
    "app/image.toml": 'description = "a"\nparent = "base"\nsource = { type = "pypi", project = "thing" }\n',
    "app/f": "text",
    "releases/2026.2.toml": 'name = "2026.2"\ncodename = ""\nepoch = "2026-11-01"\n[projects]\nthing = "1.0"\n',
    "releases/2026.2.lock": "",
}
KOLLAS: Mapping[str, str] = {
    "base/Dockerfile.j2": "FROM {{ base_image }}:{{ base_distro_tag }}\n",
    "nova/nova-api/Dockerfile.j2": "FROM {{ namespace }}/base:{{ tag }}\n",
    "nova/nova-api/sub/f": "text",
    "nova/README": "shared",
    "macros.j2": "macros",
}
RENDERED = Rendered(
    image=Image(name="app", folder=Path("app"), description="", parent=None),
    folder="app",
    dockerfile="FROM x\n",
    reference="kolla/app:1",
    parent="x",
    files=(ContextFile(path="sub/start.sh", content=b"exec", mode=0o755), ContextFile(path="conf", content=b"x")),
    sources=(),
    plugins=(),
    additions=(),
    empty_folders=("patches",),
)


def catalogue_of(root: Path, files: Mapping[str, str], options: Options) -> Catalogue:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return settle(load_catalogue(root), options)


def everything(folder: Path) -> list[str]:
    """What lies below a folder; the names of folders end with a stroke."""
    return sorted(f"{path.relative_to(folder)}{'/' if path.is_dir() else ''}" for path in folder.rglob("*"))


def files(folder: Path) -> list[str]:
    return [name for name in everything(folder) if not name.endswith("/")]


@contextmanager
def mask(bits: int) -> Iterator[None]:
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


class TestOneContext:
    @pytest.mark.parametrize("bits", [0o000, 0o022, 0o077])
    def test_has_the_same_modes_whatever_the_mask_is(self, tmp_path: Path, bits: int) -> None:
        with mask(bits):
            write_rendered(RENDERED, tmp_path / "app")
        modes = {name: oct((tmp_path / "app" / name).stat().st_mode & 0o777) for name in everything(tmp_path / "app")}
        assert modes == {
            "Dockerfile": "0o644",
            "conf": "0o644",
            "patches/": "0o755",
            "sub/": "0o755",
            "sub/start.sh": "0o755",
        }

    def test_holds_what_was_rendered_and_folders_that_are_to_be_there(self, tmp_path: Path) -> None:
        write_rendered(RENDERED, tmp_path / "app")
        assert everything(tmp_path / "app") == ["Dockerfile", "conf", "patches/", "sub/", "sub/start.sh"]
        assert (tmp_path / "app" / "Dockerfile").read_text(encoding="utf-8") == "FROM x\n"
        assert (tmp_path / "app" / "sub" / "start.sh").read_text(encoding="utf-8") == "exec"

    def test_holds_nothing_of_before(self, tmp_path: Path) -> None:
        for name in ("Dockerfile", "old/file"):
            (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "app" / name).write_text("old", encoding="utf-8")
        write_rendered(RENDERED, tmp_path / "app")
        assert files(tmp_path / "app") == ["Dockerfile", "conf", "sub/start.sh"]


class TestAFolderOfContexts:
    def test_is_made_and_may_be_used_again(self, tmp_path: Path) -> None:
        for _ in range(2):
            claim(tmp_path / "work" / "docker")
            (tmp_path / "work" / "docker" / "base").mkdir(exist_ok=True)

    def test_may_be_there_as_long_as_it_is_empty(self, tmp_path: Path) -> None:
        claim(tmp_path)
        assert everything(tmp_path) == [".kollage"]

    def test_that_holds_something_else_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "precious").touch()
        with pytest.raises(UsageError) as caught:
            claim(tmp_path)
        assert caught.value.message == f"{tmp_path} holds something that is not ours"
        assert caught.value.hint.startswith("name another folder with --work-dir, or empty this one")
        assert everything(tmp_path) == ["precious"]


class TestTemplates:
    def written(self, root: Path, texts: Mapping[str, str], **more: Any) -> list[str]:
        options = Options(tag="1", work_dir=root / "work", cache_dir=root / "cache", **more)
        folder = write_templates(catalogue_of(root / "images", texts, options), options)
        assert folder == root / "work" / "docker"
        return [name for name in files(folder) if name != ".kollage"]

    def test_of_images_of_facts_have_no_archives_of_sources(self, tmp_path: Path) -> None:
        assert self.written(tmp_path, OWN) == ["app/Dockerfile", "app/f", "base/Dockerfile"]
        text = (tmp_path / "work" / "docker" / "app" / "Dockerfile").read_text(encoding="utf-8")
        assert text.startswith("FROM kolla/base:1\n")

    def test_of_kollas_images_have_their_places_and_what_belongs_to_no_image(self, tmp_path: Path) -> None:
        assert self.written(tmp_path, KOLLAS) == [
            "base/Dockerfile",
            "base/Dockerfile.j2",
            "macros.j2",
            "nova/README",
            "nova/nova-api/Dockerfile",
            "nova/nova-api/Dockerfile.j2",
            "nova/nova-api/sub/f",
        ]
        assert (tmp_path / "work" / "docker" / "base" / "patches").is_dir()

    def test_of_kollas_images_name_the_base_as_kolla_does(self, tmp_path: Path) -> None:
        self.written(tmp_path, KOLLAS)
        assert (tmp_path / "work" / "docker" / "base" / "Dockerfile").read_text(
            encoding="utf-8"
        ) == "FROM debian:trixie"

    def test_are_of_what_was_asked_for_and_all_it_stands_on(self, tmp_path: Path) -> None:
        self.written(tmp_path, {**KOLLAS, "cron/Dockerfile.j2": KOLLAS["nova/nova-api/Dockerfile.j2"]})
        again = self.written(tmp_path, KOLLAS, regex=("cron",))
        assert [name for name in again if name.endswith("Dockerfile")] == ["base/Dockerfile", "cron/Dockerfile"]
        assert "nova/README" in again

    def test_leave_out_parents_that_are_to_be_skipped(self, tmp_path: Path) -> None:
        assert self.written(tmp_path, OWN, skip_parents=True) == ["app/Dockerfile", "app/f"]

    def test_go_to_a_new_folder_where_none_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        catalogue = catalogue_of(tmp_path / "images", OWN, Options())
        folders = [write_templates(catalogue, Options()) for _ in range(2)]
        assert [folder.parent.parent for folder in folders] == [tmp_path] * 2
        assert folders[0] != folders[1]


class TestADockerfile:
    @pytest.mark.parametrize(("texts", "name"), [(OWN, "app"), (KOLLAS, "nova-api")])
    def test_of_one_image_needs_no_engine(self, tmp_path: Path, texts: Mapping[str, str], name: str) -> None:
        options = Options(tag="1", cache_dir=tmp_path / "cache")
        assert dockerfile(catalogue_of(tmp_path, texts, options), options, name).startswith("FROM kolla/base:1")

    def test_of_an_image_on_the_base_names_the_one_that_would_be_made(self, tmp_path: Path) -> None:
        options = Options(cache_dir=tmp_path / "cache")
        text = dockerfile(catalogue_of(tmp_path, OWN, options), options, "base")
        assert text.startswith("FROM kollage-bootstrap/debian:trixie-")
