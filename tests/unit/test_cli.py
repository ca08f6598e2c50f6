"""The first word of a command line is a verb; what only asks for a text gets it, and each verb does its own thing."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from kollage import cli
from kollage.errors import KollageError, UsageError
from kollage.options import Done
from kollage.options.verbs import VERBS


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"], ["help"]])
def test_without_a_verb_there_is_help(argv: list[str]) -> None:
    with pytest.raises(Done) as raised:
        cli.run(argv, {})
    assert raised.value.text.startswith("usage: kollage VERB ")


def test_the_version_needs_no_verb() -> None:
    with pytest.raises(Done) as raised:
        cli.run(["--version"], {})
    assert raised.value.text.startswith("kollage ")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_of_its_own(verb: str) -> None:
    texts = []
    for argv in ([verb, "--help"], ["help", verb]):
        with pytest.raises(Done) as raised:
            cli.run(argv, {})
        texts.append(raised.value.text)
    assert texts[0].startswith(f"usage: kollage {verb} ")
    assert texts[1] == texts[0]


def test_the_help_of_a_verb_begins_with_what_is_its_own() -> None:
    with pytest.raises(Done) as raised:
        cli.run(["down", "--help"], {})
    text = raised.value.text
    assert text.index("Which cloud:") < text.index("What goes with a cloud:") < text.index("What is built:")


@pytest.mark.parametrize(("word", "hint"), [("lst", "did you mean 'list'?"), ("zzz", "see `kollage --help`")])
def test_another_word_is_no_verb(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        cli.run([word], {})
    assert (raised.value.message, raised.value.hint) == (f"there is no verb '{word}'", hint)


def test_a_flag_in_front_of_the_verb_is_told_to_go_behind_it() -> None:
    with pytest.raises(UsageError) as raised:
        cli.run(["--tree", "list"], {})
    assert raised.value.message == "'--tree' stands before the verb"
    assert raised.value.hint == "flags come behind the verb: kollage VERB [flags] ..."


# --- each verb does its own thing ---

IMAGES = {
    "base/Dockerfile.j2": "FROM debian:trixie\n",
    "nova-base/Dockerfile.j2": "FROM {{ namespace }}/base:{{ tag }}\n",
    "nova-api/Dockerfile.j2": "FROM {{ namespace }}/nova-base:{{ tag }}\n",
    "tgtd/Dockerfile.j2": "FROM {{ namespace }}/base:{{ tag }}\n",
}
BUILDAH = """#!/bin/sh
case "$1" in
    --version) echo "buildah version 1.39.3" ;;
    images) echo "[]" ;;
    *) exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Terminal:
    """A home with a catalogue of Kolla's form and an engine with an empty store, and what the program prints there."""

    home: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, verb: str, *flags: str) -> tuple[int, str, str]:
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        code = cli.run([verb, *flags], environ)
        out, err = self.capsys.readouterr()
        return code, out, err

    def printed(self, verb: str, *flags: str) -> str:
        """What is printed about the catalogue; nothing else is said."""
        code, out, err = self.run(verb, f"--images-dir={self.home / 'images'}", *flags)
        assert (code, err) == (0, "")
        return out

    def complaint(self, verb: str, *flags: str) -> KollageError:
        with pytest.raises(KollageError) as caught:
            self.run(verb, *flags)
        return caught.value


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name, text in IMAGES.items():
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "buildah").write_text(BUILDAH, encoding="utf-8")
    (tmp_path / "bin" / "buildah").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, capsys)


class TestVerbs:
    def test_list_names_images_and_those_that_cannot_be_built(self, terminal: Terminal) -> None:
        lines = terminal.printed("list", "--base=rocky").splitlines()
        assert lines[:3] == ["base", "nova-api", "nova-base"]
        assert lines[3].startswith("tgtd (not supported: ")

    def test_list_shows_what_stands_on_what(self, terminal: Terminal) -> None:
        assert terminal.printed("list", "--tree", "nova") == "base\n  nova-base\n    nova-api\n"
        parents = {"base": None, "nova-base": "base", "nova-api": "nova-base"}
        told = json.loads(terminal.printed("list", "--tree", "--format=json", "nova"))
        assert told == {"parents": parents, "unsupported": {}}
        assert json.loads(terminal.printed("list", "--format=json", "api"))["images"] == ["nova-api"]

    def test_list_sees_what_is_laid_over_the_catalogue(self, terminal: Terminal) -> None:
        (terminal.home / "over" / "mine").mkdir(parents=True)
        (terminal.home / "over" / "mine" / "Dockerfile.j2").write_text("FROM kolla/base:{{ tag }}", encoding="utf-8")
        assert terminal.printed("list", f"--docker-dir={terminal.home / 'over'}", "mine") == "mine\n"

    def test_show_gives_one_dockerfile(self, terminal: Terminal) -> None:
        assert terminal.printed("show", "--tag=7", "nova-api") == "FROM kolla/nova-base:7"

    def test_show_of_an_image_that_is_not_there_names_the_nearest(self, terminal: Terminal) -> None:
        error = terminal.complaint("show", f"--images-dir={terminal.home / 'images'}", "nova-apu")
        assert (error.message, error.hint) == ("there is no image 'nova-apu'", "did you mean 'nova-api'?")

    def test_plan_says_what_would_be_done(self, terminal: Terminal) -> None:
        flags = ("--engine=buildah", "--base-source=registry", "nova-base")
        told = json.loads(terminal.printed("plan", "--format=json", *flags))
        assert [(step["step"], step["action"]) for step in told["steps"]] == [
            ("build:base", "build"),
            ("fetch:nova-base", "fetch"),
            ("build:nova-base", "build"),
        ]
        assert terminal.printed("plan", *flags).splitlines()[0].split() == ["step", "action", "why"]

    def test_push_needs_something_to_push(self, terminal: Terminal) -> None:
        flags = ("--engine=buildah", "--registry=r.example", "--tag=7", f"--images-dir={terminal.home / 'images'}")
        assert terminal.complaint("push", *flags, "nova-api").message == (
            "none of these images is in the store: r.example/kolla/nova-api:7"
        )

    def test_verify_needs_something_to_verify(self, terminal: Terminal) -> None:
        flags = ("--engine=buildah", "--tag=7", f"--images-dir={terminal.home / 'images'}")
        assert terminal.complaint("verify", *flags, "nova-api").message == (
            "none of these images is in the store: kolla/nova-api:7"
        )

    def test_blocks_that_are_filled_in_vain_are_told_before_anything_is_done(self, terminal: Terminal) -> None:
        (terminal.home / "override.j2").write_text("{% block fotter %}{% endblock %}", encoding="utf-8")
        flags = ("--engine=buildah", "--base-source=registry", f"--images-dir={terminal.home / 'images'}")
        code, out, err = terminal.run("plan", f"--template-override={terminal.home / 'override.j2'}", *flags)
        assert (code, out != "") == (0, True)
        assert err == (
            f"warning: {terminal.home}/override.j2:1: no image has a block 'fotter'; so nothing comes of it\n"
        )

    def test_clean_needs_to_be_told_what(self, terminal: Terminal) -> None:
        error = terminal.complaint("clean", "--engine=buildah")
        assert error.hint == "give --of-tag, --of-version, --dangling or --all; --unused-for for sources"

    def test_lock_needs_a_release(self, terminal: Terminal) -> None:
        assert terminal.complaint("lock", "--openstack-release=none").message.startswith("there is no release 'none'")

    def test_registry_stops_what_runs(self, terminal: Terminal) -> None:
        code, out, err = terminal.run("registry", f"--data-dir={terminal.home / 'data'}", "stop")
        assert (code, out, err) == (0, f"no registry runs with images in {terminal.home / 'data'}\n", "")

    def test_genconfig_writes_a_sample(self, terminal: Terminal) -> None:
        code, out, _ = terminal.run("genconfig")
        assert code == 0
        assert "\n[DEFAULT]\n" in out
        file = terminal.home / "sample.conf"
        assert terminal.run("genconfig", f"--output-file={file}") == (0, "", "")
        assert file.read_text(encoding="utf-8") == out

    def test_genconfig_to_where_nothing_can_be_written_is_an_error(self, terminal: Terminal) -> None:
        error = terminal.complaint("genconfig", f"--output-file={terminal.home}")
        assert error.message == f"{terminal.home} cannot be written: Is a directory"

    def test_diag_is_a_page_about_this_machine(self, terminal: Terminal) -> None:
        code, out, err = terminal.run("diag", "--engine=buildah")
        assert (code, err) == (0, "")
        assert out.startswith("kollage\n  version  ")


class TestInsteadOfBuilding:
    @pytest.mark.parametrize("verb", ["build", "kolla-build"])
    def test_images_are_listed_with_numbers(self, terminal: Terminal, verb: str) -> None:
        assert terminal.printed(verb, "--list-images", "--base=debian", "nova-api") == (
            "1 : base\n2 : nova-api\n3 : nova-base\n"
        )

    def test_images_are_listed_without_parents_that_are_skipped(self, terminal: Terminal) -> None:
        flags = ("--list-images", "--skip-parents", "--base=debian")
        assert terminal.printed("kolla-build", *flags) == "1 : nova-api\n2 : tgtd\n"

    @pytest.mark.parametrize("verb", ["build", "kolla-build"])
    def test_dependencies_are_nested_as_json(self, terminal: Terminal, verb: str) -> None:
        told = json.loads(terminal.printed(verb, "--list-dependencies", "--base=debian", "nova"))
        assert told == {"base": [{"nova-base": ["nova-api"]}]}

    def test_dependencies_are_drawn_into_a_file(self, terminal: Terminal) -> None:
        file = terminal.home / "drawing.dot"
        assert terminal.printed("build", f"--save-dependency={file}", "nova-base") == (
            f"the dependencies are in {file}\n"
        )
        assert '"base" -> "nova-base"' in file.read_text(encoding="utf-8")

    def test_dockerfiles_are_written_and_nothing_else(self, terminal: Terminal) -> None:
        work = terminal.home / "work"
        out = terminal.printed("build", "--template-only", f"--work-dir={work}", "--list-images", "nova-base")
        assert out == f"Dockerfiles are in {work / 'docker'}\n"
        assert sorted(path.parent.name for path in work.rglob("Dockerfile")) == ["base", "nova-base"]

    @pytest.mark.parametrize(("quiet", "said"), [((), True), (("--quiet",), False)])
    def test_kolla_build_leaves_its_output_to_programs(
        self, terminal: Terminal, quiet: tuple[str, ...], said: bool
    ) -> None:
        flags = ("--template-only", "--base=debian", f"--images-dir={terminal.home / 'images'}", *quiet)
        code, out, err = terminal.run("kolla-build", f"--work-dir={terminal.home / 'work'}", *flags)
        assert (code, out, bool(err)) == (0, "", said)

    def test_several_platforms_are_built_one_after_the_other_for_a_registry_only(self, terminal: Terminal) -> None:
        flags = ("--platform=linux/amd64,linux/arm64", f"--images-dir={terminal.home / 'images'}")
        error = terminal.complaint("build", *flags)
        assert error.message == "several platforms make an index, and only a registry can hold one"
