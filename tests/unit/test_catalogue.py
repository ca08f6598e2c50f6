"""A folder of images becomes values; a mistake in a file is named with its file, its key and the way out."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kollage.catalogue import load_catalogue
from kollage.errors import CatalogueError
from kollage.image import Account, File, Hooks, Image, Layered, PerBase, Python, Repository, Source, User, Verify

A = 'description = "a"\n'


def written(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def image_of(root: Path, text: str, files: Mapping[str, str] = {}) -> Image:
    written(root, {"a/image.toml": A + text, **{f"a/{name}": content for name, content in files.items()}})
    return load_catalogue(root).images["a"]


def mistake(root: Path, text: str, files: Mapping[str, str] = {}) -> tuple[str, str]:
    """What is said of an image.toml, without the file, and the way out."""
    with pytest.raises(CatalogueError) as caught:
        image_of(root, text, files)
    path = f"{root / 'a' / 'image.toml'}: "
    assert caught.value.message.startswith(path)
    return caught.value.message.removeprefix(path), caught.value.hint


def test_a_checkout_of_kollas_is_known_and_its_images_are_named(tmp_path: Path) -> None:
    for place in ("docker/base", "kolla/tests/docker/base"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "Dockerfile.j2").touch()
    with pytest.raises(CatalogueError, match="is a checkout of Kolla's") as caught:
        load_catalogue(tmp_path)
    assert caught.value.hint == f"name its images: {tmp_path / 'docker'}"


class TestAnImage:
    def test_every_fact_arrives_in_its_place(self, tmp_path: Path) -> None:
        text = """
            parent = "base"
            run-as = "nova"
            plugins = true
            packages = ["jq"]
            package-lists.deb = ["apt_packages"]
            repositories.rpm = ["epel"]
            entrypoint = ["dumb-init"]
            command = ["kolla_start"]
            block = "cell-nova"
            hooks = { packages = ["one"], python = ["two"] }
            unsupported.rocky-aarch64 = "nobody builds it"
            commands = { all = ["nova"], debian = ["cron"] }
            env.LANG = "C"
            user = { name = "nova", shell = "/bin/bash", groups = ["qemu"] }
            source = { type = "git", location = "https://a", link = "/nova", config = "etc", sha256 = { "" = "0" } }
            [python]
            packages = ["/nova"]
            wheels = ["libvirt-python"]
            compilers.deb = ["gcc"]
            venv = "/opt/nova"
            create = true
            [[file]]
            name = "start.sh"
            to = "/start.sh"
            mode = "0755"
            early = true
            only = "deb"
        """
        image = image_of(tmp_path, text, {"start.sh": "exec", "Dockerfile.j2": ""})
        folder = tmp_path / "a"
        assert image == Image(
            name="a",
            folder=folder,
            description="a",
            parent="base",
            users=(User(name="nova", home="/var/lib/nova", shell="/bin/bash", groups=("qemu",)),),
            run_as="nova",
            packages=PerBase(everywhere=("jq",)),
            package_lists=PerBase(only={"deb": ("apt_packages",)}),
            repositories=PerBase(only={"rpm": ("epel",)}),
            sources=(
                Source(
                    name="a",
                    type="git",
                    location="https://a",
                    reference="master",
                    sha256={"": "0"},
                    link="/nova",
                    config="etc",
                ),
            ),
            python=Python(
                packages=("/nova",),
                wheels=("libvirt-python",),
                compilers=PerBase(only={"deb": ("gcc",)}),
                venv="/opt/nova",
                create=True,
            ),
            plugins=True,
            files=(File(name="start.sh", to="/start.sh", mode=0o755, early=True, only="deb"),),
            env={"LANG": "C"},
            entrypoint=("dumb-init",),
            command=("kolla_start",),
            block="cell_nova",
            hooks=Hooks(packages=("one",), python=("two",)),
            unsupported={"rocky-aarch64": "nobody builds it"},
            commands=PerBase(everywhere=("nova",), only={"debian": ("cron",)}),
            template=folder / "Dockerfile.j2",
            place="a",
            context={"start.sh": Layered(folder.parent, "a/start.sh", 0)},
        )

    def test_a_description_is_all_it_needs(self, tmp_path: Path) -> None:
        assert image_of(tmp_path, "") == Image(name="a", folder=tmp_path / "a", description="a", parent=None, place="a")

    def test_a_source_of_the_index_names_a_project(self, tmp_path: Path) -> None:
        image = image_of(tmp_path, 'source = { type = "pypi", name = "b", project = "nova", version = "1" }')
        assert image.sources == (Source(name="b", type="pypi", location="nova", version="1", link="/a"),)

    def test_a_release_as_a_source_needs_nothing_else(self, tmp_path: Path) -> None:
        assert image_of(tmp_path, 'source.type = "release"').sources == (Source(name="a", type="release"),)

    def test_one_user_and_several_are_both_fine(self, tmp_path: Path) -> None:
        one = image_of(tmp_path, 'user = { name = "nova", home = "/nova" }')
        two = image_of(tmp_path, '[[user]]\nname = "nova"\nhome = "/nova"\n[[user]]\nname = "qemu"\n')
        assert one.users == (User(name="nova", home="/nova"),)
        assert two.users == (User(name="nova", home="/nova"), User(name="qemu", home="/var/lib/qemu"))

    def test_a_list_is_the_general_names_then_the_familys_then_the_bases_each_once(self) -> None:
        names = PerBase(everywhere=("a", "b"), only={"deb": ("c", "a"), "ubuntu": ("d",), "rpm": ("e",)})
        assert {base: names.on(base) for base in ("debian", "ubuntu", "rocky", "centos")} == {
            "debian": ("a", "b", "c"),
            "ubuntu": ("a", "b", "c", "d"),
            "rocky": ("a", "b", "e"),
            "centos": ("a", "b", "e"),
        }

    @pytest.mark.parametrize("place", ["rocky", "rpm", "aarch64", "rocky-aarch64"])
    def test_a_reason_holds_for_a_base_a_family_or_an_architecture(self, tmp_path: Path, place: str) -> None:
        image = image_of(tmp_path, f'unsupported.{place} = "no"')
        assert image.unsupported_on("rocky", "aarch64") == "no"
        assert image.unsupported_on("debian", "x86_64") == ""

    @pytest.mark.parametrize(
        ("only", "bases"),
        [("", ["debian", "ubuntu", "rocky", "centos"]), ("rpm", ["rocky", "centos"]), ("ubuntu", ["ubuntu"])],
    )
    def test_a_file_may_belong_to_a_family_or_a_base(self, only: str, bases: list[str]) -> None:
        file = File(name="a", to="/a", only=only)
        assert [base for base in ("debian", "ubuntu", "rocky", "centos") if file.on(base)] == bases

    def test_what_its_service_is_verified_with_is_none_of_its_build_context(self, tmp_path: Path) -> None:
        files = {"f": "", "verify/config.json": "{}", "verify.sh": "", "sub/verify/g": ""}
        assert sorted(image_of(tmp_path, "", files).context) == ["f", "sub/verify/g", "verify.sh"]

    def test_how_its_service_is_verified_has_a_table_of_its_own(self, tmp_path: Path) -> None:
        image = image_of(
            tmp_path,
            """
            [verify]
            size = 200
            version = ["nova", "--version"]
            healthy = ["curl", "localhost"]
            needs = ["mariadb-server"]
            prepare = { mariadb-server = ["mariadb", "-e", "create database nova"] }
            bootstrap = true
            environment.LANG = "C"
            volumes = ["/var/lib/nova"]
            network-admin = true
            systemd = true
            ipc = "mariadb-server"
            pid = "mariadb-server"
            seconds = 9
            stop-seconds = 3
            exceptions = { "hygiene.setuid /bin/x" = "it has to" }
            """,
        )
        assert image.verify == Verify(
            size=200,
            version=("nova", "--version"),
            healthy=("curl", "localhost"),
            needs=("mariadb-server",),
            prepare={"mariadb-server": ("mariadb", "-e", "create database nova")},
            bootstrap=True,
            environment={"LANG": "C"},
            volumes=("/var/lib/nova",),
            network_admin=True,
            systemd=True,
            ipc="mariadb-server",
            pid="mariadb-server",
            seconds=9,
            stop_seconds=3,
            exceptions={"hygiene.setuid /bin/x": "it has to"},
        )


class TestAMistake:
    def test_a_description_is_missing(self, tmp_path: Path) -> None:
        written(tmp_path, {"a/image.toml": "plugins = true\n"})
        with pytest.raises(CatalogueError, match="description is missing") as caught:
            load_catalogue(tmp_path)
        assert caught.value.message == f"{tmp_path}/a/image.toml: description is missing"
        assert caught.value.hint == 'add description = "…"'

    @pytest.mark.parametrize(
        ("text", "key", "meant"),
        [
            ("pakages = []", "pakages", "packages"),
            ("run_as = 'nova'", "run_as", "run-as"),
            ("users = { name = 'nova' }", "users", "user"),
            ("user = { name = 'a', hoem = '/a' }", "user.hoem", "home"),
            ("source = { type = 'url', location = 'a', refrence = 'b' }", "source.refrence", "reference"),
            ("packages = { al = [] }", "packages.al", "all"),
            ("python = { package = [] }", "python.package", "packages"),
            ("hooks = { pythn = [] }", "hooks.pythn", "python"),
            ("[[file]]\nname = 'x'\nto = '/x'\nmod = '0644'", "file[0].mod", "mode"),
            ("[[file]]\nname = 'x'\nto = '/x'\nolny = 'rpm'", "file[0].olny", "only"),
        ],
    )
    def test_an_unknown_key_gets_the_nearest_name(self, tmp_path: Path, text: str, key: str, meant: str) -> None:
        said = mistake(tmp_path, text, {"x": ""})
        assert said == (f"{key} is not a key that is known here", f"did you mean '{meant}'?")

    @pytest.mark.parametrize(
        ("text", "said", "hint"),
        [
            ("parent = 1", "parent must be a text, not 1", 'write parent = "…"'),
            ("plugins = 'yes'", "plugins must be true or false, not 'yes'", "write plugins = true"),
            ("env = { A = 1 }", "env must hold texts only", "put each value in quotes"),
            ("command = 'a'", "command must be a list of texts, not 'a'", 'write command = ["…"]'),
            ("file = { name = 'a' }", "file must be a list of tables", "write [[file]]"),
            ("user = 'nova'", "user must be a list of tables", "write [[user]]"),
            (
                "packages = 'jq'",
                "packages must be a list of texts, or a table that says where each list holds",
                'write packages = ["…"], or packages.all, packages.deb, packages.rocky and so on',
            ),
        ],
    )
    def test_a_wrong_type_says_what_it_must_be(self, tmp_path: Path, text: str, said: str, hint: str) -> None:
        assert mistake(tmp_path, text) == (said, hint)

    @pytest.mark.parametrize("mode", ["755x", "0798", "", "rw-r--r--", "77", "07777777"])
    def test_a_mode_is_an_octal_number(self, tmp_path: Path, mode: str) -> None:
        said = mistake(tmp_path, f"[[file]]\nname = 'x'\nto = '/x'\nmode = '{mode}'", {"x": ""})
        assert said == (f"file[0].mode must be an octal number in quotes, not '{mode}'", 'for example "0755"')

    def test_a_mode_without_quotes_is_no_text(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "[[file]]\nname = 'x'\nto = '/x'\nmode = 755", {"x": ""})
        assert said == ("file[0].mode must be a text, not 755", 'write file[0].mode = "…"')

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("strat.sh", "did you mean 'start.sh'?"),
            ("zzz", "the folder has start.sh"),
            ("../b", "the folder has start.sh"),
            ("image.toml", "the folder has start.sh"),
        ],
    )
    def test_a_file_has_to_be_in_the_folder(self, tmp_path: Path, name: str, hint: str) -> None:
        written(tmp_path, {"b": ""})
        said = mistake(tmp_path, f"[[file]]\nname = '{name}'\nto = '/x'", {"start.sh": ""})
        assert said == (f"file[0].name says '{name}', which is not in the folder", hint)

    def test_a_source_has_a_type_that_is_known(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "source = { type = 'gti', location = 'a' }")
        assert said == ("source.type is 'gti', which is not known", "did you mean 'git'?")

    def test_a_source_says_where_it_comes_from(self, tmp_path: Path) -> None:
        assert mistake(tmp_path, "source.type = 'url'") == ("source.location is missing", 'add source.location = "…"')
        assert mistake(tmp_path, "source.type = 'pypi'") == ("source.project is missing", 'add source.project = "…"')

    @pytest.mark.parametrize("key", ["ipc", "pid"])
    def test_a_namespace_is_that_of_what_runs_beside(self, tmp_path: Path, key: str) -> None:
        said = mistake(tmp_path, f"verify = {{ needs = ['hacluster-corosync'], {key} = 'hacluster-corosnyc' }}")
        missing = "which verify.needs does not name"
        assert said == (f"verify.{key} is 'hacluster-corosnyc', {missing}", "did you mean 'hacluster-corosync'?")
        assert mistake(tmp_path, f"verify.{key} = 'a'") == (
            f"verify.{key} is 'a', {missing}",
            "whose namespace it has runs beside it: add that to verify.needs",
        )

    def test_who_needs_a_kernel_has_nobody_beside_it(self, tmp_path: Path) -> None:
        others = {
            "needs": "['a']",
            "volumes": "['/a']",
            "bootstrap": "true",
            "network-admin": "true",
            "systemd": "true",
        }
        for key, value in others.items():
            said, _ = mistake(tmp_path, f"verify = {{ kernel = ['dm_mod'], {key} = {value} }}")
            assert said == f"verify.kernel cannot be had with verify.{key}"
        assert image_of(tmp_path, "verify.kernel = ['dm_mod']").verify.kernel == ("dm_mod",)

    def test_a_file_is_for_a_base_that_is_known(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "[[file]]\nname = 'x'\nto = '/x'\nonly = 'rokcy'", {"x": ""})
        assert said == ("file[0].only is 'rokcy', which is not known", "did you mean 'rocky'?")

    def test_an_exclusion_names_a_base_or_an_architecture(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "unsupported.rokcy = 'no'")
        assert said == ("unsupported.rokcy is no base, architecture or suite", "did you mean 'rocky'?")

    def test_an_exclusion_gives_its_reason(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "unsupported.rocky = ' '")
        assert said == ("unsupported.rocky gives no reason", "say in one sentence what is missing")

    def test_wheels_need_compilers(self, tmp_path: Path) -> None:
        said = mistake(tmp_path, "python.wheels = ['lxml']")
        assert said == ("python.wheels need a compiler", "add [python.compilers] with deb and rpm packages")

    def test_compilers_that_are_the_same_everywhere_are_enough(self, tmp_path: Path) -> None:
        image = image_of(tmp_path, "python = { wheels = ['lxml'], compilers = ['gcc'] }")
        assert image.python.compilers.on("rocky") == ("gcc",)

    def test_toml_that_is_none(self, tmp_path: Path) -> None:
        assert mistake(tmp_path, "parent = ")[0].startswith("not valid TOML: Invalid value")

    def test_text_that_is_not_utf_8(self, tmp_path: Path) -> None:
        path = written(tmp_path, {"a/image.toml": ""}) / "a" / "image.toml"
        path.write_bytes(b'description = "caf\xe9"')
        with pytest.raises(CatalogueError, match="not valid TOML: 'utf-8' codec") as caught:
            load_catalogue(tmp_path)
        assert str(path) in caught.value.message


class TestAFolderOfImages:
    def test_images_lie_at_any_depth_and_are_named_after_their_folder(self, tmp_path: Path) -> None:
        catalogue = load_catalogue(written(tmp_path, {"base/image.toml": A, "nova/nova-api/image.toml": A}))
        assert list(catalogue.images) == ["base", "nova-api"]
        assert catalogue.root == tmp_path

    def test_two_images_cannot_have_one_name(self, tmp_path: Path) -> None:
        written(tmp_path, {"one/cron/image.toml": A, "two/cron/image.toml": A})
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(tmp_path)
        assert caught.value.message == (f"{tmp_path}/two/cron: there is an image 'cron' already in {tmp_path}/one/cron")
        assert caught.value.hint == "an image is named after its folder; rename one of them"

    def test_a_folder_without_an_image_is_no_catalogue(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(tmp_path)
        assert caught.value.message == f"{tmp_path}: there is no image in it"
        assert caught.value.hint == "an image is a folder with an image.toml or a Dockerfile.j2"

    @pytest.mark.parametrize("name", ["image.toml", "Dockerfile.j2"])
    def test_the_folder_of_one_image_is_no_catalogue(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(written(tmp_path, {name: A}))
        assert caught.value.message == f"{tmp_path}: it is an image itself, and not a folder of images"
        assert caught.value.hint == "name the folder above it"

    def test_an_image_that_others_stand_on_is_no_leaf(self, tmp_path: Path) -> None:
        written(tmp_path, {"base/image.toml": A, "cron/image.toml": A + 'parent = "base"'})
        catalogue = load_catalogue(tmp_path)
        assert (catalogue.is_leaf("base"), catalogue.is_leaf("cron")) == (False, True)

    def test_a_parent_that_is_not_there_is_left_to_the_graph(self, tmp_path: Path) -> None:
        assert image_of(tmp_path, 'parent = "nobody"').parent == "nobody"

    def test_accounts_have_a_number_and_the_group_of_their_name(self, tmp_path: Path) -> None:
        written(tmp_path, {"a/image.toml": A, "users.toml": 'nova.uid = 7\nha = { uid = 8, gid = 9, group = "hac" }'})
        assert load_catalogue(tmp_path).accounts == {
            "nova": Account(uid=7, gid=7, group="nova"),
            "ha": Account(uid=8, gid=9, group="hac"),
        }

    def test_an_account_without_a_number_is_a_mistake(self, tmp_path: Path) -> None:
        written(tmp_path, {"a/image.toml": A, "users.toml": 'nova.group = "a"'})
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(tmp_path)
        assert caught.value.message == f"{tmp_path}/users.toml: nova.uid is missing"
        assert caught.value.hint == "add nova.uid = 1"

    def test_a_repository_has_an_address_and_a_key_or_is_the_distributions(self, tmp_path: Path) -> None:
        text = 'crb.distribution = true\nepel = { baseurl = "https://e", gpgkey = "https://k" }'
        written(tmp_path, {"a/image.toml": A, "repositories.toml": text})
        assert load_catalogue(tmp_path).repositories == {
            "crb": Repository(),
            "epel": Repository(baseurl="https://e", gpgkey="https://k"),
        }

    def test_a_repository_without_a_key_is_a_mistake(self, tmp_path: Path) -> None:
        written(tmp_path, {"a/image.toml": A, "repositories.toml": 'epel.baseurl = "https://e"'})
        with pytest.raises(CatalogueError, match=r"repositories\.toml: epel\.gpgkey is missing"):
            load_catalogue(tmp_path)


class TestAnImageOfKollas:
    def test_its_template_is_all_that_it_needs(self, tmp_path: Path) -> None:
        folder = written(tmp_path, {"one/a/Dockerfile.j2": "FROM x\n", "one/a/f": ""}) / "one" / "a"
        (image,) = load_catalogue(tmp_path).images.values()
        assert image == Image(
            name="a",
            folder=folder,
            description="The image a",
            parent=None,
            template=folder / "Dockerfile.j2",
            place="one/a",
            context={name: Layered(tmp_path, f"one/a/{name}", 0) for name in ("Dockerfile.j2", "f")},
            whole=True,
        )

    def test_where_it_does_not_build_is_known_by_its_name(self, tmp_path: Path) -> None:
        written(tmp_path, {"tgtd/Dockerfile.j2": "FROM x\n", "tgt/Dockerfile.j2": "FROM x\n"})
        images = load_catalogue(tmp_path).images
        assert images["tgtd"].unsupported_on("rocky", "x86_64") != ""
        assert images["tgtd"].unsupported_on("debian", "x86_64") == ""
        assert images["tgt"].unsupported == {}

    def test_an_image_of_facts_says_itself_where_it_does_not_build(self, tmp_path: Path) -> None:
        assert load_catalogue(written(tmp_path, {"tgtd/image.toml": A})).images["tgtd"].unsupported == {}


class TestOverlays:
    @staticmethod
    def laid_over(root: Path, own: Mapping[str, str], *overlays: Mapping[str, str]) -> Mapping[str, Image]:
        folders = [written(root / f"over-{n}", files) for n, files in enumerate(overlays, 1)]
        return load_catalogue(written(root / "own", own), folders).images

    def test_one_adds_an_image(self, tmp_path: Path) -> None:
        images = self.laid_over(tmp_path, {"base/image.toml": A}, {"mine/Dockerfile.j2": "", "mine/f": ""})
        assert [(name, image.whole) for name, image in images.items()] == [("base", False), ("mine", True)]
        assert images["mine"].folder == tmp_path / "over-1" / "mine"

    def test_one_replaces_a_file_and_the_others_stay(self, tmp_path: Path) -> None:
        files = '[[file]]\nname = "f"\nto = "/f"\n'
        image = self.laid_over(tmp_path, {"a/image.toml": A + files, "a/f": "", "a/g": ""}, {"a/f": "", "a/h": ""})["a"]
        assert {name: file.path for name, file in image.context.items()} == {
            "f": tmp_path / "over-1" / "a" / "f",
            "g": tmp_path / "own" / "a" / "g",
            "h": tmp_path / "over-1" / "a" / "h",
        }
        assert (image.folder, image.whole) == (tmp_path / "own" / "a", False)

    def test_facts_may_name_a_file_that_an_overlay_brings(self, tmp_path: Path) -> None:
        facts = A + '[[file]]\nname = "f"\nto = "/f"\n'
        images = self.laid_over(tmp_path, {"a/f": "", "b/image.toml": A}, {"a/image.toml": facts})
        assert images["a"].files == (File(name="f", to="/f"),)

    def test_a_whole_dockerfile_takes_the_place_of_facts(self, tmp_path: Path) -> None:
        own = {"a/image.toml": A + "plugins = true", "a/Dockerfile.j2": "RUN steps"}
        image = self.laid_over(tmp_path, own, {"a/Dockerfile.j2": "FROM x"})["a"]
        template = tmp_path / "over-1" / "a" / "Dockerfile.j2"
        assert (image.whole, image.template, image.plugins) == (True, template, False)
        assert [file.path for file in image.context.values()] == [template]

    def test_facts_with_a_template_take_the_place_of_a_whole_dockerfile(self, tmp_path: Path) -> None:
        over = {"a/image.toml": A, "a/Dockerfile.j2": "RUN steps"}
        image = self.laid_over(tmp_path, {"a/Dockerfile.j2": "FROM x"}, over)["a"]
        assert (image.whole, image.template) == (False, tmp_path / "over-1" / "a" / "Dockerfile.j2")

    def test_the_last_one_lies_on_top(self, tmp_path: Path) -> None:
        image = self.laid_over(tmp_path, {"a/Dockerfile.j2": "0"}, {"a/Dockerfile.j2": "1"}, {"a/Dockerfile.j2": "2"})
        assert image["a"].template == tmp_path / "over-2" / "a" / "Dockerfile.j2"

    def test_an_image_of_one_name_in_another_folder_is_a_mistake(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogueError) as caught:
            self.laid_over(tmp_path, {"nova/cron/image.toml": A}, {"cron/Dockerfile.j2": ""})
        assert caught.value.message == (
            f"{tmp_path}/own/nova/cron: there is an image 'cron' already in {tmp_path}/over-1/cron"
        )

    def test_one_has_no_say_in_what_all_images_share(self, tmp_path: Path) -> None:
        written(tmp_path / "own", {"a/image.toml": A, "users.toml": "nova.uid = 7"})
        catalogue = load_catalogue(tmp_path / "own", [written(tmp_path / "over", {"users.toml": "nova.uid = 8"})])
        assert catalogue.accounts == {"nova": Account(uid=7, gid=7, group="nova")}
