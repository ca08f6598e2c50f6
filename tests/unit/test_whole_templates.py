"""A whole Dockerfile of an image's own is filled as Kolla fills it, and its FROM line says what the image stands on."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kollage.catalogue import Catalogue, load_catalogue, with_options
from kollage.contents import ContextFile
from kollage.errors import RenderError, UsageError
from kollage.options import Options, UserOptions
from kollage.render import Rendered, renderer, settle

BASE = "FROM {{ base_image }}:{{ base_distro_tag }}\n"
FROM = "FROM {{ namespace }}/{{ image_prefix }}base:{{ tag }}\n"
EXTENDS = "{% extends parent_template %}\n"
MADE = "kollage-bootstrap/debian:1"


def options_of(root: Path, **more: Any) -> Options:
    return Options(**{"tag": "1", "cache_dir": root / "cache", **more})


def settled(root: Path, app: str, files: Mapping[str, str] = {}, **more: Any) -> Catalogue:
    """A catalogue of a base and an image that stands on it, after their templates were filled."""
    for name, text in {"base/Dockerfile.j2": BASE, "app/Dockerfile.j2": app, **files}.items():
        (root / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "images" / name).write_text(text, encoding="utf-8")
    options = options_of(root, **more)
    return settle(with_options(load_catalogue(root / "images"), options), options)


def filled(root: Path, app: str, files: Mapping[str, str] = {}, **more: Any) -> str:
    """What the image's template gives behind its FROM line."""
    return settled(root, FROM + app, files, **more).images["app"].dockerfile.partition("\n")[2]


def rendered(root: Path, name: str, app: str = FROM, base_image: str = MADE, **more: Any) -> Rendered:
    catalogue = settled(root, app, **more)
    return renderer(catalogue, options_of(root, **more), base_image=base_image, constraints=None)(
        catalogue.images[name]
    )


def mistake(root: Path, app: str, files: Mapping[str, str] = {}, **more: Any) -> tuple[str, str]:
    with pytest.raises(RenderError) as caught:
        filled(root, app, files, **more)
    return caught.value.message.replace(f"{root}/", ""), caught.value.hint


def overrides(root: Path, *texts: str) -> tuple[Path, ...]:
    paths = tuple(root / f"override-{number}.j2" for number in range(1, len(texts) + 1))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


class TestText:
    def test_is_what_the_template_says_to_the_byte(self, tmp_path: Path) -> None:
        assert filled(tmp_path, "\n  RUN a  \n\n\n{% if true %}\nRUN b\n{% endif %}\n\n") == (
            "\n  RUN a  \n\n\n\nRUN b\n\n"
        )

    def test_is_empty_where_a_name_is_not_defined(self, tmp_path: Path) -> None:
        assert filled(tmp_path, "RUN [{{ nothing }}]{% for x in nothing %}x{% endfor %}") == "RUN []"

    def test_knows_the_values_that_kolla_gives(self, tmp_path: Path) -> None:
        names = "image_name base_distro base_arch base_package_type distro_package_manager supported_distro_name"
        template = " ".join(f"{{{{ {name} }}}}" for name in names.split())
        assert filled(tmp_path, template, base="rocky") == "app rocky x86_64 rpm dnf Rocky Linux 10.* (Red Quartz)"

    @pytest.mark.parametrize(
        ("release", "given", "name"), [("2025.1", "", "Epoxy"), ("2025.1", "Mine", "Mine"), ("master", "", "Hibiscus")]
    )
    def test_knows_the_codename_of_the_release(self, tmp_path: Path, release: str, given: str, name: str) -> None:
        template = "{{ openstack_release_codename }}"
        assert filled(tmp_path, template, release=release, openstack_release_codename=given) == name

    def test_knows_the_environment_and_the_accounts(self, tmp_path: Path) -> None:
        template = "{{ env.HOME }} {{ users.mine.uid }}:{{ users.mine.gid }} {{ users.nova.group }}"
        users = {"mine": UserOptions(uid=7)}
        assert filled(tmp_path, template, environ={"HOME": "/home/me"}, users=users) == "/home/me 7:7 nova"

    def test_may_come_from_other_files_of_the_tree(self, tmp_path: Path) -> None:
        template = '{% import "macros.j2" as macros with context %}{{ macros.hi() }}{% include "app/part.j2" %}'
        files = {"macros.j2": "{% macro hi() %}hi {{ image_name }}{% endmacro %}", "app/part.j2": ", part"}
        assert filled(tmp_path, template, files) == "hi app, part"

    def test_uses_the_files_of_an_overlay_where_there_are_some(self, tmp_path: Path) -> None:
        files = {"base/Dockerfile.j2": BASE, "app/Dockerfile.j2": FROM + '{% include "part.j2" %}', "part.j2": "own"}
        for root, texts in {"own": files, "over": {"part.j2": "theirs"}}.items():
            for name, text in texts.items():
                (tmp_path / root / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / root / name).write_text(text, encoding="utf-8")
        catalogue = settle(load_catalogue(tmp_path / "own", [tmp_path / "over"]), options_of(tmp_path))
        assert catalogue.images["app"].dockerfile == "FROM kolla/base:1\ntheirs"

    def test_may_use_kollas_functions(self, tmp_path: Path) -> None:
        assert filled(tmp_path, "RUN {{ debian_package_install(['jq']) }}").startswith("RUN apt-get --error-on=any")
        assert "grafana" in filled(tmp_path, "{{ handle_repos(['grafana'], 'enable') }}")


class TestAMistake:
    @pytest.mark.parametrize(
        ("template", "said"),
        [
            ("RUN a\nRUN {{ nothing.more }}", "app/Dockerfile.j2:3: 'nothing' is undefined"),
            ("\n\n{{ 1 / 0 }}", "app/Dockerfile.j2:4: division by zero"),
            ('{% include "no.j2" %}', "app/Dockerfile.j2:2: there is no template 'no.j2'"),
            ("{{ raise_error('not on rocky') }}", "app/Dockerfile.j2:2: not on rocky"),
            (
                "{{ ''.__class__.__mro__ }}",
                "app/Dockerfile.j2:2: access to attribute '__class__' of 'str' object is unsafe.",
            ),
        ],
    )
    def test_while_an_image_is_rendered_has_its_file_and_line(self, tmp_path: Path, template: str, said: str) -> None:
        assert mistake(tmp_path, template) == (f"images/{said}", "met while rendering the image app")

    def test_that_does_not_compile_has_its_file_and_line(self, tmp_path: Path) -> None:
        message, hint = mistake(tmp_path, "RUN a\n{% if %}")
        assert message.startswith("images/app/Dockerfile.j2:3: Expected an expression")
        assert hint == "the template does not compile; mend that line"

    def test_in_a_file_that_is_imported_has_that_files_line(self, tmp_path: Path) -> None:
        template = '{% import "macros.j2" as macros %}{{ macros.go() }}'
        message, _ = mistake(tmp_path, template, {"macros.j2": "\n{% macro go() %}\n{{ nothing.more }}{% endmacro %}"})
        assert message == "images/macros.j2:3: 'nothing' is undefined"

    def test_of_a_repository_that_is_not_known_names_image_and_repository(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError, match="the image app needs a repository 'grafna'"):
            filled(tmp_path, "{{ handle_repos(['grafna'], 'enable') }}")

    def test_in_the_setup_of_repositories_names_the_setting(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            filled(tmp_path, "", rpm_setup_config=("https://x/a.deb",))
        assert caught.value.message == "rpm_setup_config: 'https://x/a.deb' is neither .rpm nor .repo"


class TestLists:
    """What overrides call `<image>_<kind>_append` and so on, with Kolla's oddities."""

    def packages(self, root: Path, override: str, names: str = "['one', 'two', 'one']") -> str:
        files = overrides(root, EXTENDS + override)
        return filled(root, f"{{{{ {names} | customizable('packages') }}}}", template_override=files)

    @pytest.mark.parametrize(
        ("override", "left"),
        [
            ("", ["one", "two", "one"]),
            ("{% set app_packages_append = ['three'] %}", ["one", "two", "one", "three"]),
            ("{% set app_packages_remove = ['one', 'four'] %}", ["two", "one"]),
            ("{% set app_packages_remove = ['one', 'one'] %}", ["two"]),
            (
                "{% set app_packages_append = ['three'] %}{% set app_packages_remove = ['three', 'two'] %}",
                ["one", "one"],
            ),
            ("{% set app_packages_override = ['x'] %}{% set app_packages_append = ['y'] %}", ["x"]),
            ("{% set app_pip_packages_append = ['x'] %}{% set base_packages_append = ['y'] %}", ["one", "two", "one"]),
        ],
    )
    def test_are_changed(self, tmp_path: Path, override: str, left: list[str]) -> None:
        assert self.packages(tmp_path, override) == str(left)

    def test_go_by_the_images_name_without_dashes(self, tmp_path: Path) -> None:
        files = {"nova-api/Dockerfile.j2": FROM + "{{ [] | customizable('packages') }}"}
        override = overrides(tmp_path, EXTENDS + "{% set nova_api_packages_append = ['x'] %}")
        catalogue = settled(tmp_path, FROM, files, template_override=override)
        assert catalogue.images["nova-api"].dockerfile.endswith("\n['x']")

    def test_are_changed_themselves_and_not_a_copy_of_them(self, tmp_path: Path) -> None:
        files = overrides(tmp_path, EXTENDS + "{% set app_packages_append = ['b'] %}")
        template = "{% set names = ['a'] %}{{ names | customizable('packages') }} {{ names }}"
        assert filled(tmp_path, template, template_override=files) == "['a', 'b'] ['a', 'b']"

    def test_may_be_missing(self, tmp_path: Path) -> None:
        assert self.packages(tmp_path, "{% set app_packages_append = ['x'] %}", "nothing") == ""

    def test_are_lists_of_texts_or_a_mistake(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError, match=r"app_packages_append must be a list of texts, .* not 'x'"):
            self.packages(tmp_path, "{% set app_packages_append = 'x' %}")


class TestOverrides:
    TEMPLATE = (
        '{% import "macros.j2" as macros with context %}RUN a\n{% block app_header %}own{% endblock %}\n'
        "{% block footer %}{% endblock %}"
    )
    MACROS: Mapping[str, str] = {"macros.j2": "{% macro hi() %}hi {{ image_name }}{% endmacro %}"}

    def overridden(self, root: Path, *texts: str) -> str:
        return filled(root, self.TEMPLATE, self.MACROS, template_override=overrides(root, *texts))

    def mistake(self, root: Path, *texts: str) -> str:
        return mistake(root, self.TEMPLATE, self.MACROS, template_override=overrides(root, *texts))[0]

    def test_fill_blocks_and_super_gives_what_was_there(self, tmp_path: Path) -> None:
        text = EXTENDS + "{% block app_header %}before {{ super() }}{% endblock %}{% block other %}x{% endblock %}"
        assert self.overridden(tmp_path, text) == "RUN a\nbefore own\n"

    def test_may_use_the_macros_that_the_template_imported(self, tmp_path: Path) -> None:
        text = EXTENDS + "{% block footer %}{{ macros.hi() }} of {{ base_distro }}{% endblock %}"
        assert self.overridden(tmp_path, text).endswith("\nhi app of debian")

    def test_see_no_file_of_the_tree_themselves(self, tmp_path: Path) -> None:
        text = EXTENDS + '{% block footer %}\n{% import "macros.j2" as mine %}{{ mine.hi() }}{% endblock %}'
        assert self.mistake(tmp_path, text) == "override-1.j2:3: there is no template 'macros.j2'"

    def test_come_together_from_several_files(self, tmp_path: Path) -> None:
        header, footer = (f"{{% block {name} %}}mine{{% endblock %}}" for name in ("app_header", "footer"))
        assert self.overridden(tmp_path, EXTENDS + header, EXTENDS + footer) == "RUN a\nmine\nmine"

    def test_have_their_mistakes_named_in_their_own_file_and_line(self, tmp_path: Path) -> None:
        good = EXTENDS + "{% block app_header %}x{% endblock %}\n"
        bad = EXTENDS + "\n{% block footer %}\n{{ nothing.more }}{% endblock %}"
        assert self.mistake(tmp_path, bad) == "override-1.j2:4: 'nothing' is undefined"
        assert self.mistake(tmp_path, good, bad) == "override-2.j2:4: 'nothing' is undefined"

    def test_that_do_not_compile_have_their_own_file_and_line(self, tmp_path: Path) -> None:
        good = EXTENDS + "{% block app_header %}x{% endblock %}\n"
        bad = EXTENDS + "{% block footer %}\n{{ 'a' | nofilter }}{% endblock %}"
        assert self.mistake(tmp_path, bad).startswith("override-1.j2:3: No filter named 'nofilter'")
        assert self.mistake(tmp_path, bad, good).startswith("override-1.j2:3: No filter named 'nofilter'")

    def test_cannot_leave_their_sandbox(self, tmp_path: Path) -> None:
        bad = EXTENDS + "{% block footer %}{{ ''.__class__.__mro__ }}{% endblock %}"
        assert self.mistake(tmp_path, bad).startswith("override-1.j2:2: access to attribute '__class__'")

    def test_do_not_change_what_was_written_to_the_byte_elsewhere(self, tmp_path: Path) -> None:
        plain = filled(tmp_path, "RUN a\n\n\n  RUN b \n")
        assert filled(tmp_path, "RUN a\n\n\n  RUN b \n", template_override=overrides(tmp_path, EXTENDS)) == plain


class TestKeptTemplates:
    """Compiled templates are code that is run, so they are taken only from where nobody else could have put them."""

    @staticmethod
    def folder(root: Path) -> Path:
        (found,) = (root / "cache" / "templates").glob("jinja-*")
        return found

    def test_are_kept_and_used(self, tmp_path: Path) -> None:
        assert filled(tmp_path, "RUN a") == filled(tmp_path, "RUN a")
        assert len(list(self.folder(tmp_path).iterdir())) == 2  # of both images
        assert filled(tmp_path, "RUN b") == "RUN b"

    @pytest.mark.parametrize("mode", [0o775, 0o757])
    def test_are_neither_read_nor_written_where_others_may_write(self, tmp_path: Path, mode: int) -> None:
        filled(tmp_path, "RUN a")
        folder = self.folder(tmp_path)
        for path in folder.iterdir():
            path.unlink()
        folder.chmod(mode)
        assert filled(tmp_path, "RUN a") == "RUN a"
        assert list(folder.iterdir()) == []

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_are_neither_read_nor_written_where_the_folder_is_anothers(self, tmp_path: Path) -> None:
        filled(tmp_path, "RUN a")
        folder = self.folder(tmp_path)
        for path in folder.iterdir():
            path.unlink()
        os.chown(folder, 65534, 65534)
        assert filled(tmp_path, "RUN a") == "RUN a"
        assert list(folder.iterdir()) == []

    def test_are_done_without_where_there_can_be_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "cache").touch()
        assert filled(tmp_path, "RUN a") == "RUN a"

    def test_of_overrides_are_not_kept(self, tmp_path: Path) -> None:
        filled(tmp_path, "RUN a", template_override=overrides(tmp_path, EXTENDS))
        assert len(list(self.folder(tmp_path).iterdir())) == 2


class TestWhereItStands:
    @pytest.mark.parametrize(
        "text",
        [
            "FROM kolla/base:1",
            "FROM kolla/base:1 AS first",
            "FROM --platform=linux/amd64 kolla/base:1 AS first",
            "FROM\tkolla/base:1",
            "from kolla/base:1 as first",
            "# FROM elsewhere:1\nARG A=1\nFROM kolla/base:1",
            "FROM kolla/base:1 AS first\nRUN a\nFROM elsewhere:1\nCOPY --from=first a b",
        ],
    )
    def test_is_what_the_first_from_line_names(self, tmp_path: Path, text: str) -> None:
        image = settled(tmp_path, text).images["app"]
        assert (image.parent, image.stands_on) == ("base", "")

    @pytest.mark.parametrize(
        "options",
        [
            {"registry": "r.example:5000"},
            {"namespace": "a/b", "tag": "2"},
            {"namespace": "", "image_name_prefix": "p-"},
            {"registry": "r.example", "namespace": "", "tag": "x"},
        ],
    )
    def test_is_found_whatever_images_are_called(self, tmp_path: Path, options: dict[str, Any]) -> None:
        options_ = options_of(tmp_path, **options)
        named = "/".join(part for part in (options_.registry, options_.namespace) if part)
        text = f"FROM {named}{'/' if named else ''}{options_.image_name_prefix}base:{options_.tag}"
        assert settled(tmp_path, text, **options).images["app"].parent == "base"

    @pytest.mark.parametrize(
        "name", ["goacme/lego:1", "kolla/base:0", "kolla/base", "kolla/other/base:1", "other/base:1", "scratch"]
    )
    def test_may_be_elsewhere(self, tmp_path: Path, name: str) -> None:
        image = settled(tmp_path, f"FROM {name}\n").images["app"]
        assert (image.parent, image.stands_on) == (None, name)

    def test_may_be_the_base_though_no_image_has_a_namespace(self, tmp_path: Path) -> None:
        """`debian:trixie` could then be an image of ours, if the tag is `trixie`."""
        images = settled(tmp_path, "FROM base:trixie", namespace="", tag="trixie").images
        assert (images["base"].stands_on, images["app"].parent) == ("debian:trixie", "base")

    @pytest.mark.parametrize(
        ("name", "hint"), [("bsae", "did you mean 'base'?"), ("ap", "see `kollage list`"), ("zz", "see `kollage list`")]
    )
    def test_has_to_be_there_if_it_is_called_like_ours(self, tmp_path: Path, name: str, hint: str) -> None:
        with pytest.raises(UsageError) as caught:
            settled(tmp_path, f"FROM kolla/{name}:1")
        template = tmp_path / "images" / "app" / "Dockerfile.j2"
        assert caught.value.message == f"{template}: the parent '{name}' is not in the catalogue"
        assert caught.value.hint == hint

    def test_has_to_be_said(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError) as caught:
            settled(tmp_path, "RUN steps alone\n")
        assert caught.value.message == f"{tmp_path}/images/app/Dockerfile.j2: there is no FROM line in it"
        assert caught.value.hint == "steps alone need an image.toml beside them"

    def test_of_images_of_facts_is_left_alone(self, tmp_path: Path) -> None:
        facts = {"facts/image.toml": 'description = "f"\nparent = "base"\n'}
        assert settled(tmp_path, FROM, facts).images["facts"].parent == "base"


class TestWhatIsBuilt:
    def test_an_image_on_another_of_ours_stays_as_it_is(self, tmp_path: Path) -> None:
        result = rendered(tmp_path, "app", FROM + "RUN a\n")
        assert (result.dockerfile, result.parent) == ("FROM kolla/base:1\nRUN a", "kolla/base:1")
        assert (result.reference, result.folder, result.foreign) == ("kolla/app:1", "app", False)
        assert result.empty_folders == ("patches",)

    @pytest.mark.parametrize(
        ("line", "becomes"),
        [
            ("FROM debian:trixie", f"FROM {MADE}"),
            ("from debian:trixie as one", f"from {MADE} as one"),
            ("FROM --platform=linux/amd64 debian:trixie AS one", f"FROM --platform=linux/amd64 {MADE} AS one"),
        ],
    )
    def test_what_stands_on_the_base_stands_on_the_one_that_was_made(
        self, tmp_path: Path, line: str, becomes: str
    ) -> None:
        result = rendered(tmp_path, "app", f"{line}\nRUN echo debian:trixie\nFROM debian:trixie\n")
        assert result.dockerfile == f"{becomes}\nRUN echo debian:trixie\nFROM debian:trixie"
        assert (result.parent, result.foreign) == (MADE, False)

    def test_the_base_keeps_the_name_that_kolla_gives_it_where_there_is_no_other(self, tmp_path: Path) -> None:
        result = rendered(tmp_path, "base", base_image="")
        assert (result.dockerfile, result.parent) == ("FROM debian:trixie", "debian:trixie")

    def test_an_image_from_elsewhere_is_not_replaced(self, tmp_path: Path) -> None:
        result = rendered(tmp_path, "app", "FROM goacme/lego:1\n")
        assert (result.dockerfile, result.parent, result.foreign) == ("FROM goacme/lego:1", "goacme/lego:1", True)

    def test_indexes_that_the_file_names_are_declared_behind_the_first_from(self, tmp_path: Path) -> None:
        arguments = {"PIP_INDEX_URL": "https://i", "PIP_TRUSTED_HOST": "i"}
        text = FROM + "RUN a\nFROM other:1\nRUN b"
        assert rendered(tmp_path, "app", text, pip_arguments=arguments).dockerfile == (
            "FROM kolla/base:1\nARG PIP_INDEX_URL\nARG PIP_TRUSTED_HOST\nRUN a\nFROM other:1\nRUN b"
        )

    def test_the_template_and_all_files_beside_it_are_in_the_context(self, tmp_path: Path) -> None:
        (tmp_path / "images" / "app").mkdir(parents=True)
        (tmp_path / "images" / "app" / "run").touch(mode=0o700)
        assert rendered(tmp_path, "app").files == (
            ContextFile(path="Dockerfile.j2", content=FROM.encode()),
            ContextFile(path="run", content=b"", mode=0o755),
        )

    def test_patches_come_with_their_series_and_without_one_there_are_none(self, tmp_path: Path) -> None:
        for name, text in {"app/series": "a.patch\n", "app/a.patch": "a", "base/a.patch": "no series"}.items():
            (tmp_path / "patches" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "patches" / name).write_text(text, encoding="utf-8")
        names = {
            image: [file.path for file in rendered(tmp_path, image, patches_path=tmp_path / "patches").files]
            for image in ("app", "base")
        }
        assert names == {"app": ["Dockerfile.j2", "patches/series", "patches/a.patch"], "base": ["Dockerfile.j2"]}

    def test_files_for_apt_go_to_what_stands_on_the_base(self, tmp_path: Path) -> None:
        (tmp_path / "mine.list").write_text("deb x", encoding="utf-8")
        base, app = (rendered(tmp_path, name, apt_sources_list=tmp_path / "mine.list") for name in ("base", "app"))
        assert ContextFile(path="sources.list", content=b"deb x") in base.files
        assert [file.path for file in app.files] == ["Dockerfile.j2"]

    @pytest.mark.parametrize(
        ("place", "line"),
        [
            ("https://x/a.rpm", "RUN dnf -y install https://x/a.rpm"),
            ("https://x/b/a.repo", "RUN curl -L https://x/b/a.repo -o /etc/yum.repos.d/a.repo"),
            ("mine.repo", "COPY mine.repo /etc/yum.repos.d/"),
        ],
    )
    def test_repositories_are_set_up_from_packages_files_and_addresses(
        self, tmp_path: Path, place: str, line: str
    ) -> None:
        template = FROM + "{% for line in rpm_setup %}{{ line }}{% endfor %}"
        assert rendered(tmp_path, "app", template, rpm_setup_config=(place,)).dockerfile.endswith(f"\n{line}")

    @pytest.mark.parametrize("form", ["FROM {} AS one", "FROM --platform=linux/amd64 {} AS one", "from {}"])
    def test_the_recipe_does_not_depend_on_what_images_are_called(self, tmp_path: Path, form: str) -> None:
        name = "{{ namespace }}/{{ image_prefix }}base:{{ tag }}"
        recipes = {
            rendered(tmp_path, "app", form.format(name), **options).recipe()
            for options in ({}, {"tag": "2", "registry": "r.example"}, {"image_name_prefix": "p-"})
        }
        assert recipes == {form.format("parent")}
