"""What cannot be: each is a sentence that names the place, then the way out; nothing is begun, no traceback shown."""

import shutil
from pathlib import Path

import pytest

from tests.functional.world import Outcome, World

TAG_HINT = "a tag has up to 128 of letters, digits, '_', '.' and '-', and begins with none of the last two"


def refused(message: str, hint: str = "") -> Outcome:
    """The end of a run that was wrong from the start."""
    return Outcome(2, "", f"error: {message}\n" + (f"hint: {hint}\n" if hint else ""))


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (("biuld",), "there is no verb 'biuld'", "did you mean 'build'?"),
        (("zzz",), "there is no verb 'zzz'", "see `kollage --help`"),
        (("build", "--thraeds", "2"), "there is no flag '--thraeds'", "did you mean '--threads'?"),
        (("build", "--push"), "nothing says which registry to push to", "name it with --registry"),
        (("build", "--profile", "mian"), "there is no profile 'mian'", "did you mean 'main'?"),
        (("list", "-p", "zzz"), "there is no profile 'zzz'", "one of aux, default, infra, main"),
        (("build", "--docker-dir", "no"), "--docker-dir: there is no folder '~/here/no'", "see whether"),
        (("build", "--repos-yaml", "no.yaml"), "--repos-yaml: there is no file '~/here/no.yaml'", "see whether"),
        (
            ("build", "--summary-json-file", "no/summary.json"),
            "the file ~/here/no/summary.json cannot be written",
            "name another with --summary-json-file",
        ),
        (("push", "^app$"), "nothing says which registry to push to", "name it with --registry"),
        (("build", "--tree"), "kollage build takes no --tree", "it belongs to kollage list"),
        (("build", "--threads"), "--threads needs a value", "usage: kollage build [flags] [REGEX ...]"),
        (("build", "--threads", "0"), "--threads: 0 is too small", "the least is 1"),
        (("build", "--threads", "many"), "--threads: 'many' is not a whole number", "write digits only"),
        (("build", "--base", "debain"), "--base: 'debain' is not one of debian, ubuntu, rocky, centos", "did you mean"),
        (("build", "--tag", "a b"), "--tag: 'a b' is not valid", TAG_HINT),
        (("build", "--tag", ""), "--tag: '' is not valid", TAG_HINT),
        (("build", "--tag", "x" * 129), f"--tag: '{'x' * 129}' is not valid", TAG_HINT),
        (("build", "--namespace", "Big"), "--namespace: 'Big' is not valid", "lower-case letters and digits"),
        (("build", "--registry", "https://r"), "--registry: 'https://r' is not valid", "write host or host:port"),
        (("build", "nova"), "no image matches 'nova'", "see `kollage list`"),
        (("build", "^app$", "bsae"), "no image matches 'bsae'", "did you mean 'base'?"),
        (("build", "--release", "2026.1"), "there is no release '2026.1'", "one of 2026.2; Kolla's own templates"),
        (("list", "--release", "2026.1"), "there is no release '2026.1'", "one of 2026.2; Kolla's own templates"),
        (
            ("plan", "--platform", "linux/riscv"),
            "images are not made for linux/riscv",
            "one of linux/amd64, linux/arm64",
        ),
        (("plan", "--platform", "linux/amd64,linux/arm64"), "a plan is of one platform", "name one of them with"),
        (("build", "--config-file"), "--config-file needs a path", ""),
        (("build", "--ca-bundle", "no.pem"), "--ca-bundle: there is no file '~/here/no.pem'", "see whether"),
        (("build", "--images-dir", "no"), "--images-dir: there is no folder '~/here/no'", "see whether"),
        (("build", "--images-dir", "."), "~/here: there is no image in it", "an image is a folder with"),
        (("build", "--cache-dir", "/proc/x"), "the folder /proc/x cannot be used: ", "name another with --cache-dir"),
        (("build", "--logs-dir", "/proc/x"), "the folder /proc/x cannot be used: ", "name another with --logs-dir"),
        (("build", "--work-dir", "/proc/x"), "the folder /proc/x cannot be used: ", "name another with --work-dir"),
        (
            ("build", "--template-only", "--work-dir", "/proc/x"),
            "the folder /proc/x/docker cannot be used: No such file or directory",
            "name another with --work-dir",
        ),
        (
            ("plan", "--cache-dir", "/etc/passwd"),
            "/etc/passwd/updates/",
            "see who owns it, and whether",
        ),
    ],
)
def test_a_flag_that_cannot_be(world: World, argv: tuple[str, ...], message: str, hint: str) -> None:
    outcome = world.run(*argv)
    assert (outcome.code, outcome.out) == (2, "")
    said, *way_out = outcome.err.splitlines()
    assert said.startswith(f"error: {message}")
    assert [line.startswith(f"hint: {hint}") for line in way_out] == [True] * bool(hint or way_out)
    assert world.built() == []


@pytest.mark.parametrize("verb", ["build", "plan", "list"])
def test_an_expression_that_does_not_compile(world: World, verb: str) -> None:
    assert world.run(verb, "ap(") == refused(
        "REGEX: the expression 'ap(' does not compile: missing ), unterminated subpattern at position 2",
        "put a backslash before a literal sign",
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[DEFAULT]\nbsae = debian\n", ":2: bsae: there is no such setting", "did you mean 'base'?"),
        ("[DEFAULT]\n\npsuh = true\n", ":3: psuh: there is no such setting", "did you mean 'push'?"),
        ("[DEFAULT]\nthreads = many\n", ":2: threads: 'many' is not a whole number", "write digits only"),
        ("[DEFAULT]\ntag = :x\n", ":2: tag: ':x' is not valid", TAG_HINT),
        ("[DEFAULT]\ntag = $tga\n", ":2: tag: there is no setting 'tga' to put in", "did you mean 'tag'?"),
        ("[DEFAULT]\ntag = $tag\n", "a setting's value refers to itself", "look for $name in your settings"),
        ("[DEFAUT]\nbase = debian\n", ":2: the section [DEFAUT] is not known", "did you mean 'DEFAULT'?"),
        ("base = debian\n", ":1: 'base' stands before any section", "begin with [DEFAULT]"),
        ("[DEFAULT]\nbase\n", ":2: No ':' or '=' found in assignment: 'base'", "write [section], key = value or"),
        ("[app]\ntype = svn\n", ":2: [app] type: 'svn' is not one of url, git, local, pypi", ""),
        ("[nova-user]\nuid = x\n", ":2: [nova-user] uid: 'x' is not a whole number", "write digits only"),
    ],
)
def test_a_configuration_file_that_cannot_be(world: World, text: str, message: str, hint: str) -> None:
    path = world.write("mine.conf", text)
    outcome = world.run("build", "--config-file", str(path))
    assert (outcome.code, outcome.out) == (2, "")
    said, *way_out = outcome.err.splitlines()
    assert said.startswith(f"error: ~/mine.conf{message}" if message.startswith(":") else f"error: {message}")
    assert [line.startswith(f"hint: {hint}") for line in way_out] == [True] * bool(hint)


def test_a_configuration_file_that_is_not_there(world: World) -> None:
    assert world.run("build", "--config-file", "no.conf") == refused(
        "the configuration file ~/here/no.conf cannot be read: No such file or directory",
        "name another file with --config-file",
    )


def test_a_section_for_a_source_that_no_image_has(world: World) -> None:
    path = world.write("mine.conf", f"[DEFAULT]\nimages_dir = {world.images}\n[xyz]\ntype = git\n")
    assert world.run("build", "--config-file", str(path)) == refused(
        "the configuration has a section [xyz], but no image has such a source",
        "a section is called after a source of an image; take it out",
    )


class TestAnImage:
    @pytest.mark.parametrize("verb", ["build", "plan", "list"])
    def test_whose_parent_is_missing(self, world: World, verb: str) -> None:
        world.image("app", 'parent = "bsae"\n')
        assert world.run(verb) == refused(
            "~/images/app/image.toml: parent 'bsae' is not in the catalogue", "did you mean 'base'?"
        )

    @pytest.mark.parametrize("verb", ["build", "plan", "list"])
    def test_that_stands_on_itself(self, world: World, verb: str) -> None:
        world.image("app", 'parent = "app-api"\n')
        outcome = world.run(verb)
        assert (outcome.code, outcome.out) == (2, "")
        assert "in a circle: app -> app-api -> app\n" in outcome.err

    def test_with_a_key_that_is_not_known(self, world: World) -> None:
        world.image("app", 'parnet = "base"\n')
        assert world.run("build") == refused(
            "~/images/app/image.toml: parnet is not a key that is known here", "did you mean 'parent'?"
        )

    def test_whose_file_is_no_toml(self, world: World) -> None:
        world.image("app", 'parent = "base\n')
        assert world.run("build").err.startswith("error: ~/images/app/image.toml: not valid TOML: ")

    def test_that_is_there_twice(self, world: World) -> None:
        world.image("more/app", 'parent = "base"\n')
        assert world.run("build") == refused(
            "~/images/more/app: there is an image 'app' already in ~/images/app",
            "an image is named after its folder; rename one of them",
        )

    def test_that_alone_was_asked_for_and_is_not_supported(self, world: World) -> None:
        world.image("tool", 'parent = "base"\nunsupported.debian = "it was dropped in trixie"\n')
        assert world.run("build", "tool") == refused(
            "tool cannot be built on debian: it was dropped in trixie",
            "say --base ubuntu, or try it with --enable-unbuildable",
        )

    def test_that_the_release_lacks(self, world: World) -> None:
        world.image("tool", 'parent = "base"\n[source]\ntype = "pypi"\nproject = "murano"\nlink = "/tool"\n')
        assert world.run("build", "tool") == refused(
            "tool cannot be built: release 2026.2 has no murano",
            "give murano a version in 2026.2.toml, and make its lock anew",
        )

    def test_that_another_release_has(self, world: World) -> None:
        world.image("tool", 'parent = "base"\n[source]\ntype = "pypi"\nproject = "murano"\nlink = "/tool"\n')
        other = 'name = "old"\ncodename = "Old"\nepoch = "2026-11-01"\n[projects]\nmurano = "16.0.0"\n'
        (world.images / "releases" / "old.toml").write_text(other)
        assert world.run("build", "tool") == refused(
            "tool cannot be built: release 2026.2 has no murano; old has", "say --release old"
        )

    def test_on_a_base_that_the_release_does_not_stand_on(self, world: World) -> None:
        file = world.images / "releases" / "2026.2.toml"
        file.write_text(f'{file.read_text()}[bases]\ndebian = "bookworm"\n')
        assert world.run("build", "--base-tag=trixie", "tool") == refused(
            "tool cannot be built: release 2026.2 stands on debian bookworm, not on debian trixie",
            "say --base debian --base-tag bookworm",
        )


@pytest.mark.parametrize("verb", ["kolla-build", "plan", "list"])
class TestAWholeDockerfile:
    def test_whose_parent_does_not_exist(self, world: World, verb: str) -> None:
        world.tree()
        world.whole("tool", "RUN make tool\n", parent="bsae")
        assert world.run(verb) == refused(
            "~/docker/tool/Dockerfile.j2: the parent 'bsae' is not in the catalogue", "did you mean 'base'?"
        )

    @pytest.mark.parametrize("text", ["RUN make tool\n", "FROM\n", "# FROM base\n", ""])
    def test_that_stands_on_nothing(self, world: World, verb: str, text: str) -> None:
        world.tree()
        world.write("docker/tool/Dockerfile.j2", text)
        assert world.run(verb) == refused(
            "~/docker/tool/Dockerfile.j2: there is no FROM line in it", "steps alone need an image.toml beside them"
        )

    def test_that_stands_on_itself(self, world: World, verb: str) -> None:
        world.tree()
        world.whole("base", "RUN make base\n", parent="tool")
        outcome = world.run(verb)
        assert (outcome.code, outcome.out) == (2, "")
        assert "in a circle: " in outcome.err

    def test_that_is_there_twice(self, world: World, verb: str) -> None:
        world.tree()
        world.whole("more/tool", "RUN make tool\n")
        assert world.run(verb) == refused(
            "~/docker/tool: there is an image 'tool' already in ~/docker/more/tool",
            "an image is named after its folder; rename one of them",
        )


@pytest.mark.parametrize("verb", [("build",), ("plan",), ("show", "app")])
class TestATemplate:
    def test_with_a_syntax_error(self, world: World, verb: tuple[str, ...]) -> None:
        world.write("images/app/Dockerfile.j2", "RUN make app\n{% if %}\n")
        assert world.run(*verb) == refused(
            "~/images/app/Dockerfile.j2:2: Expected an expression, got 'end of statement block'",
            "the template does not compile; mend that line",
        )

    def test_with_a_name_that_is_not_defined(self, world: World, verb: tuple[str, ...]) -> None:
        world.write("images/app/Dockerfile.j2", "RUN make app\n\nRUN make {{ nothing }}\n")
        assert world.run(*verb) == refused(
            "~/images/app/Dockerfile.j2:3: 'nothing' is undefined", "met while rendering the image app"
        )

    def test_that_an_operator_overrides_with_a_mistake(self, world: World, verb: tuple[str, ...]) -> None:
        lines = ["{% extends parent_template %}", "{% block app_footer %}", "RUN {{ nothing }}", "{% endblock %}"]
        path = world.write("mine.j2", "\n".join(lines))
        assert world.run(*verb, "--template-override", str(path)) == refused(
            "~/mine.j2:3: 'nothing' is undefined", "met while rendering the image app"
        )


def docker(world: World, script: str) -> None:
    """Put a `docker` on the world's PATH that does no more than this."""
    world.write("bin/docker", f"#!/bin/sh\n{script}\n").chmod(0o755)


class TestTheEngine:
    def test_that_is_not_installed(self, world: World) -> None:
        (world.root / "bin/buildah").unlink()
        missing = "; ".join(f"the program '{name}' is not installed" for name in ("buildah", "podman", "docker"))
        for verb in ("build", "plan"):
            assert world.run(verb) == Outcome(
                3,
                "",
                f"error: no engine answers: {missing}\nhint: start one, or install buildah, which needs no daemon\n",
            )

    def test_that_was_asked_for_and_is_not_installed(self, world: World) -> None:
        outcome = world.run("build", "--engine", "docker")
        assert outcome.code == 3
        assert outcome.err.startswith("error: no engine answers: the program 'docker' is not installed\n")

    def test_that_does_not_answer(self, world: World) -> None:
        world.behave(broken="Error: the store is locked")
        outcome = world.run("build", "--engine", "buildah")
        assert outcome.code == 3
        assert "Error: the store is locked" in outcome.err

    @pytest.mark.parametrize("verb", ["build", "kolla-build", "plan"])
    def test_whose_builder_does_not_squash(self, world: World, verb: str) -> None:
        docker(world, "echo 27.0.1")
        outcome = world.run(verb, "--engine", "docker", "--squash", "--base", "debian")
        assert outcome == refused(
            "BuildKit does not squash images", "leave out --squash, or write buildkit = false into the file"
        )

    def test_that_squashes_with_a_program_that_is_not_there(self, world: World) -> None:
        docker(world, '[ "$1" = version ] && echo 20.10.24')  # which has no buildx
        outcome = world.run("build", "--engine", "docker", "--squash")
        assert outcome == Outcome(
            3, "", "error: the program 'docker-squash' is not installed\nhint: pip install docker-squash\n"
        )

    def test_whose_disk_is_full(self, world: World) -> None:
        world.behave(**{"graph-root": "/proc"})  # a file system that has no room
        assert world.run("build") == Outcome(
            3,
            "",
            "error: only 0 MB are free where buildah keeps its images\n"
            "hint: free some space: a build needs 2 GB at least\n",
        )

    def test_whose_disk_is_full_still_has_what_was_built(self, world: World) -> None:
        world.run("build")
        world.behave(**{"graph-root": "/proc"})
        assert world.run("build").code == 0


def test_no_run_that_is_refused_leaves_anything_behind(world: World) -> None:
    before = sorted(Path(world.root).rglob("*"))
    world.run("build", "nova")
    world.run("build", "--base", "rocky", "--base-source", "bootstrap")
    for kept in ("catalogue", "engines"):  # what was read, and who answered, is kept for the next run
        shutil.rmtree(world.cache / kept)
    after = set(world.root.rglob("*")) - {world.engine / "calls.jsonl", world.engine / "lock"}
    assert sorted(after) == before
