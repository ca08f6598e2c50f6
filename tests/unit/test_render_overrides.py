"""What operators wrote for Kolla works: blocks and lists of an override file, and mistakes named in their own file."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from kollage.catalogue import Catalogue, load_catalogue
from kollage.errors import RenderError
from kollage.options import Options
from kollage.render import renderer
from kollage.templates.mistakes import mistakes

EXTENDS = "{% extends parent_template %}\n"
IMAGES = {
    "base/image.toml": 'description = "b"\npackages = ["curl"]\npackage-lists.deb = ["apt_packages"]\n'
    'package-lists.rpm = ["centos_packages"]\n',
    "nova-base/image.toml": 'description = "n"\nparent = "base"\n'
    'source = { type = "url", location = "https://n", link = "/nova" }\nhooks.python = ["nova_constraints"]\n',
    "nova-api/image.toml": 'description = "a"\nparent = "nova-base"\npackages = ["one", "two"]\n'
    'python.packages = ["pip-one"]\ncommand = ["run"]\nrun-as = "nova"\n',
    "nova-api/Dockerfile.j2": "RUN before\n{% block own %}\nRUN own\n{% endblock %}\n",
    "mariadb-server/image.toml": 'description = "m"\nparent = "base"\npackages = ["mariadb"]\nblock = "mariadb"\n'
    'hooks.packages = ["mariadb_sources"]\n',
    "users.toml": "nova.uid = 7\n",
}
GOOD = EXTENDS + "{% block nova_api_header %}\nRUN h\n{% endblock %}\n"
FOOTER = "{% block nova_api_footer %}\n"


def catalogue_of(root: Path) -> Catalogue:
    for name, text in IMAGES.items():
        path = root / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_catalogue(root / "images")


def overrides(root: Path, *texts: str) -> tuple[Path, ...]:
    paths = tuple(root / f"override-{number}.j2" for number in range(1, len(texts) + 1))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def lines_of(root: Path, name: str, files: Sequence[Path], base: str = "debian") -> list[str]:
    catalogue = catalogue_of(root)
    constraints = root / "constraints.txt"
    constraints.write_text("")
    options = Options(template_override=tuple(files), base=base, namespace="", tag="1", maintainer="me")
    make = renderer(catalogue, options, base_image="debian:trixie", constraints=constraints)
    return make(catalogue.images[name]).dockerfile.splitlines()


def with_blocks(root: Path, name: str, *blocks: str) -> list[str]:
    return lines_of(root, name, overrides(root, EXTENDS + "\n".join(blocks)))


def mistake(root: Path, *texts: str, image: str = "nova-api") -> str:
    with pytest.raises(RenderError) as caught:
        lines_of(root, image, overrides(root, *texts))
    return caught.value.message.replace(f"{root}/", "")


def packages(root: Path, name: str, text: str, base: str = "debian") -> list[str]:
    """What the image installs when an override says so."""
    lines = lines_of(root, name, overrides(root, EXTENDS + text), base)
    (found,) = [match for line in lines if (match := re.search(r"(?:recommends|\bdnf .* install) (.+) \\$", line))]
    return found.group(1).split()


class TestBlocks:
    def test_a_header_stands_after_the_labels_and_a_footer_before_the_user(self, tmp_path: Path) -> None:
        lines = with_blocks(
            tmp_path,
            "nova-api",
            "{% block nova_api_header %}\nRUN header\n{% endblock %}",
            "{% block nova_api_footer %}\nRUN image footer\n{% endblock %}",
            "{% block footer %}\nRUN footer\n{% endblock %}",
        )
        assert lines[:3] == ["FROM nova-base:1", 'LABEL maintainer="me" name="nova-api"', "RUN header"]
        assert lines[-4:] == ['CMD ["run"]', "RUN image footer", "RUN footer", "USER nova"]

    def test_a_footer_without_a_name_is_for_leaves_only(self, tmp_path: Path) -> None:
        footer = "{% block footer %}\nRUN footer\n{% endblock %}"
        assert "RUN footer" in with_blocks(tmp_path, "mariadb-server", footer)
        assert "RUN footer" not in with_blocks(tmp_path, "base", footer)
        assert "RUN footer" not in with_blocks(tmp_path, "nova-base", footer)

    def test_a_block_of_one_image_is_ignored_in_others(self, tmp_path: Path) -> None:
        block = "{% block nova_api_footer %}\nRUN footer\n{% endblock %}"
        assert with_blocks(tmp_path, "mariadb-server", block) == lines_of(tmp_path, "mariadb-server", ())

    def test_labels_can_be_replaced_in_every_image(self, tmp_path: Path) -> None:
        block = '{% block labels %}\nLABEL name="{{ image_name }}" mine="1"\n{% endblock %}'
        assert with_blocks(tmp_path, "nova-base", block)[1] == 'LABEL name="nova-base" mine="1"'
        assert with_blocks(tmp_path, "nova-api", block)[1] == 'LABEL name="nova-api" mine="1"'

    def test_a_block_of_the_images_own_template_can_be_replaced(self, tmp_path: Path) -> None:
        lines = with_blocks(tmp_path, "nova-api", "{% block own %}\nRUN mine\n{% endblock %}")
        assert lines[lines.index("RUN before") :][:2] == ["RUN before", "RUN mine"]
        assert "RUN own" not in lines

    def test_super_gives_what_was_there(self, tmp_path: Path) -> None:
        lines = with_blocks(
            tmp_path,
            "nova-api",
            "{% block own %}{{ super() }}RUN after\n{% endblock %}",
            "{% block labels %}{{ super() }}LABEL more=1\n{% endblock %}",
            "{% block nova_api_entrypoint %}{{ super() }}STOPSIGNAL 9\n{% endblock %}",
            "{% block nova_api_footer %}{{ super() }}RUN footer\n{% endblock %}",
        )
        assert lines[1:3] == ['LABEL maintainer="me" name="nova-api"', "LABEL more=1"]
        assert lines[lines.index("RUN own") :] == [
            "RUN own",
            "RUN after",
            'CMD ["run"]',
            "STOPSIGNAL 9",
            "RUN footer",
            "USER nova",
        ]

    def test_a_source_is_installed_by_a_block_with_the_name_of_where_it_is_found(self, tmp_path: Path) -> None:
        block = "{% block nova_source_install %}\nRUN mine\n{% endblock %}"
        assert with_blocks(tmp_path, "nova-base", block)[-1] == "RUN mine"
        assert "RUN mine" not in with_blocks(tmp_path, "nova-api", block)

    def test_hooks_stand_where_the_image_says(self, tmp_path: Path) -> None:
        before = with_blocks(tmp_path, "mariadb-server", "{% block mariadb_sources %}\nRUN sources\n{% endblock %}")
        assert before[2] == "RUN sources"
        lines = with_blocks(
            tmp_path, "nova-base", "{% block nova_constraints %}{{ super() }}\nRUN edit\n{% endblock %}"
        )
        assert lines[2:5] == ["ADD nova-base-archive /nova-base-source", lines[3], "RUN edit"]
        assert lines[3] == "RUN set -e; ln -s nova-base-source/* /nova;"

    def test_blocks_of_an_image_with_another_stem_have_that_stem(self, tmp_path: Path) -> None:
        block = "{{% block {}_footer %}}\nRUN footer\n{{% endblock %}}"
        assert with_blocks(tmp_path, "mariadb-server", block.format("mariadb"))[-1] == "RUN footer"
        assert "RUN footer" not in with_blocks(tmp_path, "mariadb-server", block.format("mariadb_server"))

    @pytest.mark.parametrize("block", ["base_header", "base_footer", "labels"])
    def test_blocks_may_use_the_macros(self, tmp_path: Path, block: str) -> None:
        lines = with_blocks(
            tmp_path,
            "base",
            f"{{% block {block} %}}",
            "RUN {{ macros.install_pip(['a', 'b']) }}",
            "{{ macros.sed('/f', ['s/a/b/', 's/c/d/']) }}",
            "RUN {{ macros.install_packages(['vim'], chain=True, clean=False) | replace('\\n', ' ') }}",
            "{% endblock %}",
        )
        at = lines.index('RUN sed -i -e "s/a/b/" -e "s/c/d/" "/f"')
        assert lines[at - 1] == (
            "RUN python3 -m pip --no-cache-dir install --upgrade -c /requirements/upper-constraints.txt a b"
        )
        assert "--no-install-recommends vim" in lines[at + 1]


class TestLists:
    def test_a_list_gets_longer(self, tmp_path: Path) -> None:
        text = "{% set nova_api_packages_append = ['three'] %}"
        assert packages(tmp_path, "nova-api", text) == ["one", "two", "three"]

    def test_a_list_gets_shorter(self, tmp_path: Path) -> None:
        text = "{% set nova_api_packages_remove = ['one', 'tw'] %}"
        assert packages(tmp_path, "nova-api", text) == ["two"]

    def test_what_is_appended_and_removed_is_removed(self, tmp_path: Path) -> None:
        text = "{% set nova_api_packages_append = ['three', 'four'] %}"
        text += "{% set nova_api_packages_remove = ['three', 'one'] %}"
        assert packages(tmp_path, "nova-api", text) == ["two", "four"]

    def test_an_override_wins_alone(self, tmp_path: Path) -> None:
        text = (
            "{% set nova_api_packages_override = ['only'] %}{% set nova_api_packages_append = ['three'] %}"
            "{% set nova_api_packages_remove = ['only'] %}"
        )
        assert packages(tmp_path, "nova-api", text) == ["only"]

    def test_python_packages_have_a_list_of_their_own(self, tmp_path: Path) -> None:
        text = EXTENDS + "{% set nova_api_pip_packages_append = ['pip-two'] %}"
        lines = lines_of(tmp_path, "nova-api", overrides(tmp_path, text))
        assert [line.split("constraints.txt ")[-1] for line in lines if "pip-one" in line] == ["pip-one pip-two; \\"]

    def test_an_emptied_list_installs_nothing(self, tmp_path: Path) -> None:
        text = EXTENDS + "{% set nova_api_packages_override = [] %}{% set nova_api_pip_packages_override = [] %}"
        lines = lines_of(tmp_path, "nova-api", overrides(tmp_path, text))
        assert [line for line in lines if "install" in line] == []

    def test_the_prefix_is_the_images_name_also_where_its_blocks_have_another(self, tmp_path: Path) -> None:
        right = "{% set mariadb_server_packages_append = ['pv'] %}"
        wrong = "{% set mariadb_packages_append = ['pv'] %}"
        assert packages(tmp_path, "mariadb-server", right) == ["mariadb", "pv"]
        assert packages(tmp_path, "mariadb-server", wrong) == ["mariadb"]

    @pytest.mark.parametrize(
        ("base", "kind"),
        [("debian", "apt_packages"), ("rocky", "centos_packages"), ("debian", "packages"), ("rocky", "packages")],
    )
    def test_a_list_may_go_by_several_names(self, tmp_path: Path, base: str, kind: str) -> None:
        text = f"{{% set base_{kind}_append = ['vim'] %}}"
        assert packages(tmp_path, "base", text, base) == ["curl", "vim"]
        assert packages(tmp_path, "base", f"{{% set base_{kind}_override = ['jq'] %}}", base) == ["jq"]

    @pytest.mark.parametrize("value", ["'vim'", "[1]", "3"])
    def test_what_is_no_list_of_texts_is_refused(self, tmp_path: Path, value: str) -> None:
        said = mistake(tmp_path, EXTENDS + f"{{% set nova_api_packages_append = {value} %}}")
        assert said.endswith(f": nova_api_packages_append must be a list of texts, such as ['one', 'two'], not {value}")


class TestSeveralFiles:
    def test_their_blocks_and_lists_come_together(self, tmp_path: Path) -> None:
        files = overrides(
            tmp_path,
            EXTENDS + "{% set nova_api_packages_append = ['three'] %}",
            EXTENDS + FOOTER + "RUN footer\n{% endblock %}\n",
            "{% block nova_api_header %}\nRUN header\n{% endblock %}",
        )
        lines = lines_of(tmp_path, "nova-api", files)
        assert (lines[2], lines[-2]) == ("RUN header", "RUN footer")
        assert any("one two three" in line for line in lines)

    def test_what_stands_beside_the_extends_is_kept(self, tmp_path: Path) -> None:
        text = "{%- extends parent_template -%}{% block nova_api_footer %}\nRUN footer\n{% endblock %}"
        assert lines_of(tmp_path, "nova-api", overrides(tmp_path, text, text.replace("api_foo", "api_hea")))[-2] == (
            "RUN footer"
        )

    def test_an_empty_file_changes_nothing(self, tmp_path: Path) -> None:
        assert lines_of(tmp_path, "nova-api", overrides(tmp_path, "", "")) == lines_of(tmp_path, "nova-api", ())


class TestMistakes:
    def test_an_undefined_name_has_the_line_of_the_operators_file(self, tmp_path: Path) -> None:
        bad = EXTENDS + FOOTER + "RUN a\nRUN {{ nothing }}\n{% endblock %}\n"
        assert mistake(tmp_path, bad) == "override-1.j2:4: 'nothing' is undefined"
        assert mistake(tmp_path, GOOD, bad) == "override-2.j2:4: 'nothing' is undefined"
        assert mistake(tmp_path, bad, GOOD) == "override-1.j2:4: 'nothing' is undefined"

    def test_an_undefined_name_outside_blocks_has_its_line(self, tmp_path: Path) -> None:
        bad = EXTENDS + "\n{% set nova_api_packages_append = nothing + ['a'] %}\n"
        assert mistake(tmp_path, GOOD, bad) == "override-2.j2:3: 'nothing' is undefined"

    def test_what_does_not_compile_has_the_line_of_the_operators_file(self, tmp_path: Path) -> None:
        bad = EXTENDS + FOOTER + "RUN {{ 'a' | nofilter }}\n{% endblock %}\n"
        assert mistake(tmp_path, bad).startswith("override-1.j2:3: No filter named 'nofilter'")
        assert mistake(tmp_path, GOOD, bad).startswith("override-2.j2:3: No filter named 'nofilter'")

    def test_what_one_file_leaves_open_is_not_blamed_on_the_next(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, EXTENDS + FOOTER + "RUN a\n", GOOD)
        assert said.startswith("override-1.j2:3: Unexpected end of template")

    def test_a_block_that_two_files_define_is_named_in_the_second(self, tmp_path: Path) -> None:
        block = FOOTER + "{% endblock %}\n"
        assert mistake(tmp_path, EXTENDS + block, EXTENDS + "\n" + block).startswith(
            "override-2.j2:3: block 'nova_api_footer' defined twice"
        )

    def test_a_mistake_in_the_macros_arguments_is_told(self, tmp_path: Path) -> None:
        bad = EXTENDS + FOOTER + "{{ macros.configure_user('swift') }}\n{% endblock %}\n"
        assert mistake(tmp_path, bad).endswith(
            "there is no account 'swift'; add a section [swift-user] with uid and gid"
        )

    def test_a_macro_that_does_not_exist_has_the_line_of_the_operators_file(self, tmp_path: Path) -> None:
        bad = EXTENDS + FOOTER + "\n{{ macros.nothing() }}\n{% endblock %}\n"
        assert mistake(tmp_path, bad) == (
            "override-1.j2:4: 'jinja2.environment.TemplateModule object' has no attribute 'nothing'"
        )

    def test_an_override_cannot_leave_its_sandbox(self, tmp_path: Path) -> None:
        bad = EXTENDS + FOOTER + "{{ ''.__class__.__mro__ }}\n{% endblock %}\n"
        assert mistake(tmp_path, bad) == ("override-1.j2:3: access to attribute '__class__' of 'str' object is unsafe.")

    @pytest.mark.parametrize("nonsense", ["{{ range(10 ** 9) | list }}", "{{ 1 // 0 }}", "{{ [] + 1 }}"])
    def test_nonsense_is_a_mistake_of_the_file_and_no_crash(self, tmp_path: Path, nonsense: str) -> None:
        assert mistake(tmp_path, EXTENDS + FOOTER + nonsense + "\n{% endblock %}\n").startswith("override-1.j2:3: ")

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError) as caught:
            lines_of(tmp_path, "nova-api", (tmp_path / "no.j2",))
        assert caught.value.message.startswith(f"the template override {tmp_path}/no.j2 cannot be read: ")
        assert caught.value.hint == "check --template-override"

    def test_a_file_that_is_not_utf_8_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "o.j2"
        path.write_bytes(b"caf\xe9")
        with pytest.raises(RenderError, match=r"the template override .*o\.j2 cannot be read: 'utf-8' codec"):
            lines_of(tmp_path, "nova-api", (path,))


def said(root: Path, *texts: str) -> list[str]:
    """What the program says of mistakes in override files."""
    options = Options(template_override=overrides(root, *texts))
    return [line.replace(f"{root}/", "") for line in mistakes(catalogue_of(root), options)]


class TestBlocksInVain:
    @staticmethod
    def block(name: str, text: str = "") -> str:
        return f"{{% block {name} %}}{text}{{% endblock %}}\n"

    @pytest.mark.parametrize(
        "name",
        [
            "nova_api_header", "nova_base_footer", "nova_source_install", "mariadb_server_python_install",
            "mariadb_footer", "footer", "labels", "own", "nova_constraints", "mariadb_sources",
        ],
    )  # fmt: skip
    def test_are_none_that_an_image_its_template_its_hooks_or_the_frame_has(self, tmp_path: Path, name: str) -> None:
        assert said(tmp_path, EXTENDS + self.block(name)) == []

    def test_are_told_with_their_place_and_the_nearest_name(self, tmp_path: Path) -> None:
        good, bad = EXTENDS + self.block("footer"), EXTENDS + "\n" + self.block("nova_api_fotter")
        sentence = "no image has a block 'nova_api_fotter'; did you mean 'nova_api_footer'?"
        assert said(tmp_path, bad) == [f"override-1.j2:3: {sentence}"]
        assert said(tmp_path, good, bad) == [f"override-2.j2:3: {sentence}"]

    def test_without_a_near_name_are_told_too(self, tmp_path: Path) -> None:
        assert said(tmp_path, EXTENDS + self.block("zzz_qqq")) == [
            "override-1.j2:2: no image has a block 'zzz_qqq'; so nothing comes of it"
        ]

    def test_are_not_those_that_a_file_has_for_itself_within_another(self, tmp_path: Path) -> None:
        assert said(tmp_path, EXTENDS + self.block("footer", self.block("mine"))) == []

    def test_go_by_the_stem_that_the_image_says(self, tmp_path: Path) -> None:
        assert len(said(tmp_path, EXTENDS + self.block("mariadb_server_footer"))) == 1

    def test_of_kollas_images_are_those_that_no_template_of_the_tree_has(self, tmp_path: Path) -> None:
        whole = tmp_path / "images" / "cron" / "Dockerfile.j2"
        whole.parent.mkdir(parents=True)
        whole.write_text("FROM x\n{% block cron_header %}{% endblock %}\n{%- block cron_more -%}{% endblock %}")
        (line,) = said(tmp_path, EXTENDS + "".join(map(self.block, ("cron_header", "cron_more", "cron_footer"))))
        assert line.startswith("override-1.j2:4: no image has a block 'cron_footer'")


class TestListsInVain:
    @staticmethod
    def set_to(*names: str) -> str:
        return EXTENDS + "".join(f"{{% set {name} = ['one'] %}}\n" for name in names)

    @pytest.mark.parametrize(
        "name",
        [
            "nova_api_packages_append", "nova_base_pip_packages_remove", "base_apt_packages_override",
            "base_centos_packages_append", "mariadb_server_packages_append", "mine", "nova_api_packages",
        ],
    )  # fmt: skip
    def test_are_none_that_an_image_has_on_any_base(self, tmp_path: Path, name: str) -> None:
        assert said(tmp_path, self.set_to(name)) == []

    def test_are_told_with_their_place_and_the_nearest_name(self, tmp_path: Path) -> None:
        sentence = "no image has a list 'nova_api_package'; did you mean 'nova_api_packages'?"
        assert said(tmp_path, self.set_to("nova_api_packages_append", "nova_api_package_append")) == [
            f"override-1.j2:3: {sentence}"
        ]

    def test_without_a_near_name_are_told_too(self, tmp_path: Path) -> None:
        assert said(tmp_path, self.set_to("zzz_qqq_remove")) == [
            "override-1.j2:2: no image has a list 'zzz_qqq'; so nothing comes of it"
        ]

    def test_are_not_those_that_the_files_read_themselves(self, tmp_path: Path) -> None:
        used = self.set_to("to_append") + "{% block footer %}{{ to_append }}{% endblock %}\n"
        assert said(tmp_path, used) == []

    def test_of_kollas_images_are_those_that_its_templates_do_not_ask_for(self, tmp_path: Path) -> None:
        whole = tmp_path / "images" / "cron" / "Dockerfile.j2"
        whole.parent.mkdir(parents=True)
        whole.write_text("FROM x\n{{ ['a'] | customizable('plugins') }}\n")
        names = ("cron_plugins_append", "cron_packages_append", "cron_yum_keys_append")
        (line,) = said(tmp_path, self.set_to(*names))
        assert line.startswith("override-1.j2:4: no image has a list 'cron_yum_keys'")
