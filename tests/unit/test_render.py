"""An image becomes a Dockerfile and its context; a template's mistake is named with its file and line."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage.catalogue import Catalogue, load_catalogue, with_options
from kollage.contents import ContextFile
from kollage.errors import RenderError
from kollage.image import ConstraintSet, Source
from kollage.options import Options, SourceOptions
from kollage.render import Rendered, reference, renderer

CALM = settings(deadline=None, database=None, max_examples=40)
BASE = 'description = "what all stand on"\n'
APP = 'description = "an application"\nparent = "base"\n'
USERS = "nova.uid = 7\n"
DEFAULT = Options()


def written(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def catalogue_of(root: Path, app: str = "", files: Mapping[str, str] = {}) -> Catalogue:
    texts = {"base/image.toml": BASE, "app/image.toml": APP + app, "users.toml": USERS}
    return load_catalogue(written(root / "images", {**texts, **files}))


def rendered(catalogue: Catalogue, options: Options = DEFAULT, name: str = "app") -> Rendered:
    constraints = catalogue.root / "constraints.txt"
    constraints.write_text("nova==1\n")
    make = renderer(catalogue, options, base_image="debian:trixie", constraints=constraints)
    return make(catalogue.images[name])


def mistake(catalogue: Catalogue, options: Options = DEFAULT) -> tuple[str, str]:
    with pytest.raises(RenderError) as caught:
        rendered(catalogue, options)
    return caught.value.message.replace(f"{catalogue.root}/", ""), caught.value.hint


class TestWhatComesOut:
    def test_an_image_of_facts_alone_is_written_by_the_frame(self, tmp_path: Path) -> None:
        app = 'command = ["run", "it"]\nrun-as = "nova"\nenv.LANG = "C"\n[[file]]\nname = "f"\nto = "/f"\nmode = "0755"'
        result = rendered(catalogue_of(tmp_path, app, {"app/f": "text"}), Options(maintainer="me", tag="1"))
        assert result.dockerfile == (
            "FROM kolla/base:1\n"
            'LABEL maintainer="me" name="app"\n'
            "ENV LANG=C\n"
            "COPY --chmod=0755 f /f\n"
            'CMD ["run", "it"]\n'
            "USER nova\n"
        )
        assert (result.folder, result.reference, result.parent) == ("app", "kolla/app:1", "kolla/base:1")
        assert result.files == (ContextFile(path="f", content=b"text"),)

    def test_an_image_without_a_parent_stands_on_the_base_image(self, tmp_path: Path) -> None:
        result = rendered(catalogue_of(tmp_path), name="base")
        assert result.parent == "debian:trixie"
        assert result.dockerfile.startswith("FROM debian:trixie\n")

    def test_its_own_template_stands_between_the_files_and_the_command(self, tmp_path: Path) -> None:
        files = {"app/Dockerfile.j2": "\n\nRUN make\n\n", "app/f": ""}
        app = 'command = ["run"]\n[[file]]\nname = "f"\nto = "/f"'
        lines = rendered(catalogue_of(tmp_path, app, files)).dockerfile.splitlines()
        assert lines[2:] == ["COPY --chmod=0644 f /f", "RUN make", 'CMD ["run"]']

    @pytest.mark.parametrize("wanted", [True, False])
    def test_without_dumb_init_there_is_no_entrypoint(self, tmp_path: Path, wanted: bool) -> None:
        catalogue = catalogue_of(tmp_path, 'entrypoint = ["dumb-init"]\n')
        text = rendered(catalogue, Options(use_dumb_init=wanted)).dockerfile
        assert ('ENTRYPOINT ["dumb-init"]' in text) is wanted

    def test_the_context_holds_files_with_their_modes_and_neither_facts_nor_template(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(tmp_path, files={"app/run.sh": "exec", "app/Dockerfile.j2": "", "app/b": "b"})
        (catalogue.root / "app" / "run.sh").chmod(0o744)
        assert rendered(catalogue).files == (
            ContextFile(path="b", content=b"b"),
            ContextFile(path="run.sh", content=b"exec", mode=0o755),
        )

    def test_a_release_is_a_source_whose_constraints_lie_in_the_context(self, tmp_path: Path) -> None:
        result = rendered(catalogue_of(tmp_path, 'source = { type = "release", link = "/requirements" }'))
        path = "app-archive/requirements/upper-constraints.txt"
        assert result.files == (ContextFile(path=path, content=b"nova==1\n"),)
        assert result.sources == ()
        assert "ADD app-archive /app-source" in result.dockerfile

    def test_the_constraints_of_a_set_replace_those_of_the_parent_before_anything_is_installed(
        self, tmp_path: Path
    ) -> None:
        text = 'python = { constraints = "old", packages = ["venus"], wheels = ["x"], compilers.all = ["gcc"] }'
        catalogue = catalogue_of(tmp_path, text)
        common, apart = tmp_path / "common", tmp_path / "apart"
        common.write_text("nova==1\nredis==2\n")
        apart.write_text("redis==1\n")
        old = ConstraintSet(projects={}, constraints=apart)
        make = renderer(catalogue, DEFAULT, base_image="", constraints=common, sets={"old": old})
        result = make(catalogue.images["app"])
        assert result.files == (ContextFile(path="upper-constraints.txt", content=b"redis==1\nnova==1\n"),)
        copied = "COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt"
        lines = result.dockerfile.splitlines()
        stages = [number for number, line in enumerate(lines) if line.startswith("FROM")]
        assert [number for number, line in enumerate(lines) if line == copied] == [
            number - 1 for number, line in enumerate(lines) if "python_mounts" in line or "id=kollage-uv" in line
        ]
        assert len(stages) == lines.count(copied) == 2

    def test_a_release_without_the_set_has_its_common_constraints_for_all(self, tmp_path: Path) -> None:
        result = rendered(catalogue_of(tmp_path, 'python = { constraints = "old", packages = ["venus"] }'))
        assert result.files == ()
        assert "COPY" not in result.dockerfile

    @pytest.mark.parametrize(("app", "begins"), [('packages = ["jq"]', True), ('command = ["run"]', False)])
    def test_what_installs_something_begins_as_root_where_its_parent_ends_as_another(
        self, tmp_path: Path, app: str, begins: bool
    ) -> None:
        files = {
            "low/image.toml": 'description = "l"\nrun-as = "nova"',
            "app/image.toml": f"{APP.replace('base', 'low')}{app}",
        }
        result = rendered(catalogue_of(tmp_path, files=files))
        assert ("USER root" in result.dockerfile.splitlines()) is begins

    def test_an_account_of_few_images_is_made_by_the_image_that_sets_it_up(self, tmp_path: Path) -> None:
        files = {"users.toml": f"{USERS}\nzaqar = {{ uid = 7, own = true }}\n"}
        catalogue = catalogue_of(tmp_path, 'user = [{ name = "zaqar" }, { name = "nova" }]', files)
        first, second = (line for line in rendered(catalogue).dockerfile.splitlines() if line.startswith("RUN"))
        assert first.startswith("RUN groupadd --gid 7 zaqar && useradd ")
        assert second.startswith("RUN usermod ")

    def test_sources_plugins_and_additions_are_told_apart(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(tmp_path, 'source = { type = "url", location = "https://a" }')
        sections = {
            f"app-{kind}-x": SourceOptions(type="url", location="https://x") for kind in ("plugin", "additions")
        }
        result = rendered(with_options(catalogue, Options(sources=sections)))
        assert (result.sources, result.plugins, result.additions) == (
            (Source(name="app", type="url", location="https://a"),),
            (Source(name="app-plugin-x", type="url", location="https://x"),),
            (Source(name="app-additions-x", type="url", location="https://x"),),
        )

    def test_files_and_packages_follow_the_base(self, tmp_path: Path) -> None:
        app = 'packages = { deb = ["cron"], rpm = ["cronie"] }\n[[file]]\nname = "f"\nto = "/f"\nonly = "rpm"'
        catalogue = catalogue_of(tmp_path, app, {"app/f": ""})
        deb, rpm = (rendered(catalogue, Options(base=base)).dockerfile for base in ("ubuntu", "rocky"))
        assert ("install --no-install-recommends cron \\" in deb, "COPY" in deb) == (True, False)
        assert ("install cronie \\" in rpm, "COPY" in rpm) == (True, True)

    def test_repositories_are_seen_by_one_command_and_not_kept(self, tmp_path: Path) -> None:
        repositories = 'crb.distribution = true\nepel = { baseurl = "https://e", gpgkey = "https://k" }\n'
        app = 'packages.rpm = ["jq"]\nrepositories.rpm = ["crb", "epel"]'
        catalogue = catalogue_of(tmp_path, app, {"repositories.toml": repositories})
        flags = (
            "--enablerepo=crb --repofrompath='epel,https://e' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://k'"
        )
        assert f"{flags} install jq" in rendered(catalogue, Options(base="rocky")).dockerfile

    def test_a_repository_that_nobody_describes_is_a_mistake(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(
            tmp_path, 'repositories.rpm = ["epl"]', {"repositories.toml": "crb.distribution = true"}
        )
        assert mistake(catalogue, Options(base="rocky"))[0] == (
            "app/image.toml: repositories names 'epl', which repositories.toml does not have"
        )

    def test_values_that_overrides_written_for_kolla_use_are_there(self, tmp_path: Path) -> None:
        template = "RUN echo {{ openstack_branch }} {{ openstack_branch_slashed }} {{ debian_arch }} {{ image_name }}"
        options = Options(openstack_branch="stable-2026.1", openstack_branch_slashed="stable/2026.1")
        result = rendered(catalogue_of(tmp_path, files={"app/Dockerfile.j2": template}), options)
        assert "RUN echo stable-2026.1 stable/2026.1 amd64 app\n" in result.dockerfile

    def test_a_file_that_an_overlay_brings_is_in_the_context_from_there(self, tmp_path: Path) -> None:
        catalogue_of(tmp_path, files={"app/f": "own", "app/sub/g": "deep"})
        over = written(tmp_path / "over", {"app/f": "theirs"})
        assert rendered(load_catalogue(tmp_path / "images", [over])).files == (
            ContextFile(path="f", content=b"theirs"),
            ContextFile(path="sub/g", content=b"deep"),
        )

    def test_files_of_the_operator_for_apt_are_there_before_the_first_package(self, tmp_path: Path) -> None:
        files = written(tmp_path, {"mine.list": "deb x", "pins": "Pin: x"})
        options = Options(apt_sources_list=files / "mine.list", apt_preferences=files / "pins")
        packages = {"base/image.toml": BASE + 'packages = ["curl"]\n'}
        result = rendered(catalogue_of(tmp_path, files=packages), options, "base")
        lines = result.dockerfile.splitlines()
        assert lines[2:4] == [
            "COPY --chmod=0644 sources.list /etc/apt/sources.list.d/kolla-custom.list",
            "COPY --chmod=0644 apt_preferences /etc/apt/preferences.d/kolla-custom",
        ]
        assert lines[4].startswith("RUN ")
        assert result.files == (
            ContextFile(path="sources.list", content=b"deb x"),
            ContextFile(path="apt_preferences", content=b"Pin: x"),
        )

    def test_files_for_apt_are_copied_neither_into_children_nor_where_there_is_no_apt(self, tmp_path: Path) -> None:
        options = Options(apt_sources_list=written(tmp_path, {"mine.list": "deb x"}) / "mine.list")
        catalogue = catalogue_of(tmp_path)
        assert rendered(catalogue, options).files == ()
        assert "COPY" not in rendered(catalogue, dataclasses.replace(options, base="rocky"), "base").dockerfile


class TestAMistake:
    @pytest.mark.parametrize(
        ("template", "line", "said"),
        [
            ("RUN a\nRUN {{ nothing }}\n", 2, "'nothing' is undefined"),
            ("{% for x in nothing %}{% endfor %}", 1, "'nothing' is undefined"),
            ("RUN a\n\nRUN {{ image.nme }}", 3, "'kollage.image.Image object' has no attribute 'nme'"),
            ("RUN a\nRUN {{ 1 / 0 }}", 2, "division by zero"),
            ("RUN {{ '%d' | format('a') }}", 1, "%d format: a real number is required, not str"),
            ('RUN a\n{% include "no.j2" %}', 2, "there is no template 'no.j2'"),
        ],
    )
    def test_what_an_image_template_does_wrong_has_a_line(
        self, tmp_path: Path, template: str, line: int, said: str
    ) -> None:
        catalogue = catalogue_of(tmp_path, files={"app/Dockerfile.j2": template})
        message, hint = mistake(catalogue)
        assert message == f"app/Dockerfile.j2:{line}: {said}"
        assert hint == "met while rendering the image app"

    @pytest.mark.parametrize(
        ("template", "line", "said"),
        [
            ("RUN a\n{% if %}", 2, "Expected an expression, got 'end of statement block'"),
            ("RUN a\n\nRUN {{ 'a' | nofilter }}", 3, "No filter named 'nofilter'."),
            ("{% nothing %}", 1, "Encountered unknown tag 'nothing'."),
        ],
    )
    def test_what_does_not_compile_has_a_line(self, tmp_path: Path, template: str, line: int, said: str) -> None:
        message, hint = mistake(catalogue_of(tmp_path, files={"app/Dockerfile.j2": template}))
        assert message.startswith(f"app/Dockerfile.j2:{line}: {said}")
        assert hint == "the template does not compile; mend that line"

    def test_the_frame_has_lines_too(self, tmp_path: Path) -> None:
        assert mistake(catalogue_of(tmp_path, files={"frame.j2": "FROM a\nRUN {{ nothing }}\n"})) == (
            "frame.j2:2: 'nothing' is undefined",
            "met while rendering the image app",
        )
        assert mistake(catalogue_of(tmp_path, files={"frame.j2": "FROM a\n\n{% endif %}"}))[0].startswith(
            "frame.j2:3: "
        )

    def test_macros_have_lines_too(self, tmp_path: Path) -> None:
        frame = '{% import "macros.j2" as macros with context %}\nRUN {{ macros.go() }}\n'
        macros = "{% macro go() %}\n\n{{ nothing }}\n{% endmacro %}\n"
        files = {"frame.j2": frame, "macros.j2": macros}
        assert mistake(catalogue_of(tmp_path, files=files))[0] == "macros.j2:3: 'nothing' is undefined"
        files["macros.j2"] = "\n{% macro %}"
        assert mistake(catalogue_of(tmp_path, files=files))[0].startswith("macros.j2:2: expected token 'name'")

    def test_an_account_that_does_not_exist_says_how_to_add_it(self, tmp_path: Path) -> None:
        message, hint = mistake(catalogue_of(tmp_path, 'user.name = "swift"'))
        assert message.endswith(": there is no account 'swift'; add a section [swift-user] with uid and gid")
        assert hint == "met while rendering the image app"

    def test_a_template_that_is_not_utf_8_is_named(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(tmp_path, files={"app/Dockerfile.j2": ""})
        (catalogue.root / "app" / "Dockerfile.j2").write_bytes(b"RUN caf\xe9")
        assert mistake(catalogue)[0].startswith(f"the template {'app/Dockerfile.j2'} cannot be read: 'utf-8' codec")

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(tmp_path, files={"app/f": ""})
        (catalogue.root / "app" / "f").unlink()
        assert mistake(catalogue) == ("app/f cannot be read: No such file or directory", "take it away or mend it")

    def test_a_template_cannot_leave_its_sandbox(self, tmp_path: Path) -> None:
        catalogue = catalogue_of(tmp_path, files={"app/Dockerfile.j2": "{{ ''.__class__.__mro__ }}"})
        assert (
            mistake(catalogue)[0] == "app/Dockerfile.j2:1: access to attribute '__class__' of 'str' object is unsafe."
        )


class TestPatches:
    def patched(self, root: Path, series: bytes | None, patches: Mapping[str, str] = {}) -> Rendered:
        catalogue = catalogue_of(root)
        folder = written(root / "patches", {f"app/{name}": text for name, text in patches.items()})
        (folder / "app").mkdir(parents=True, exist_ok=True)
        if series is not None:
            (folder / "app" / "series").write_bytes(series)
        return rendered(catalogue, Options(patches_path=folder))

    def test_a_series_and_its_patches_go_into_the_context(self, tmp_path: Path) -> None:
        series = b"# off.patch is not wanted\none.patch\n\n  sub/two.patch  \n#three.patch\n"
        result = self.patched(tmp_path, series, {"one.patch": "1", "sub/two.patch": "2", "off.patch": "0"})
        assert result.files == (
            ContextFile(path="patches/series", content=series),
            ContextFile(path="patches/one.patch", content=b"1"),
            ContextFile(path="patches/sub/two.patch", content=b"2"),
        )
        assert result.dockerfile.endswith("COPY patches /patches\nRUN kolla_patch\n")

    def test_an_image_without_a_series_gets_an_empty_one(self, tmp_path: Path) -> None:
        assert self.patched(tmp_path, None).files == (ContextFile(path="patches/series", content=b""),)

    def test_a_patch_that_is_missing_is_named_with_its_series(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError) as caught:
            self.patched(tmp_path, b"no.patch\n")
        series = tmp_path / "patches" / "app" / "series"
        assert caught.value.message == f"{series}: names 'no.patch', which cannot be read: No such file or directory"

    @pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "a/../../b"])
    def test_a_patch_outside_its_folder_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(RenderError, match="is outside the folder of the series"):
            self.patched(tmp_path, name.encode())

    def test_a_series_that_is_not_utf_8_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(RenderError, match="series is not UTF-8"):
            self.patched(tmp_path, b"caf\xe9.patch")


class TestNames:
    @pytest.mark.parametrize(
        ("options", "name"),
        [
            (Options(namespace="kolla", tag="1"), "kolla/nova:1"),
            (Options(registry="quay.io:443", namespace="kolla", tag="1"), "quay.io:443/kolla/nova:1"),
            (Options(namespace="", tag="1"), "nova:1"),
            (Options(registry="r", namespace="", image_name_prefix="debian-", tag="1"), "r/debian-nova:1"),
            (Options(namespace="openstack.kolla", image_name_prefix="p-", tag="x"), "openstack.kolla/p-nova:x"),
        ],
    )
    def test_a_full_name_has_only_the_parts_that_are_said(self, options: Options, name: str) -> None:
        assert reference("nova", options) == name

    def test_another_tag_replaces_that_of_the_options(self) -> None:
        assert reference("nova", Options(namespace="k", tag="1"), tag="fp-1") == "k/nova:fp-1"

    words = st.text("abcdefghij0123456789", min_size=1, max_size=8)

    @CALM
    @given(registry=words, namespace=words, prefix=words, tag=words)
    def test_a_recipe_does_not_depend_on_what_images_are_called(
        self, tmp_path_factory: pytest.TempPathFactory, registry: str, namespace: str, prefix: str, tag: str
    ) -> None:
        wheels = 'python = { wheels = ["lxml"], compilers = ["gcc"] }\n'
        catalogue = catalogue_of(tmp_path_factory.mktemp("names"), wheels, {"app/Dockerfile.j2": "RUN a\n"})
        plain = rendered(catalogue)
        named = Options(registry=registry, namespace=namespace, image_name_prefix=f"{prefix}-", tag=tag)
        renamed = rendered(catalogue, named)
        assert renamed.recipe() == plain.recipe()
        assert renamed.recipe().count("FROM parent") == 2
        assert renamed.parent == f"{registry}/{namespace}/{prefix}-base:{tag}"

    def test_a_recipe_keeps_what_another_image_is_called(self, tmp_path: Path) -> None:
        files = {"app/Dockerfile.j2": "FROM {{ parent }}-extra AS extra\nRUN a\n"}
        plain = rendered(catalogue_of(tmp_path, files=files), Options(namespace="", tag="1"))
        assert "FROM base:1-extra AS extra" in plain.recipe().splitlines()
        assert dataclasses.replace(plain, parent="other").recipe() == plain.dockerfile.rstrip("\n")
