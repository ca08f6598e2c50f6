"""docker is told everything on its command line and answers with files, JSON and formats of its own."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.engines import BuildOrder, Local
from kollage.engines.docker import Docker
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]

ORDER = BuildOrder(context=Path("ctx"), dockerfile=Path("ctx/Dockerfile"), references=("kolla/cron:1",))
COMMAND = [
    "docker",
    "buildx",
    "build",
    "--load",
    "--progress=plain",
    "--network=host",
    "--file=ctx/Dockerfile",
    "--tag=kolla/cron:1",
    "ctx",
]
WRITE_ID = 'for word; do case $word in --iidfile=*) echo sha256:01ab > "${word#*=}";; esac; done'


def told(_line: str) -> None:
    """Nothing is expected to be said."""


class TestBuild:
    def test_it_gives_the_id_that_the_engine_wrote_and_hands_on_its_lines(self, fake: Fake, calls: Calls) -> None:
        fake("docker", f"echo '#1 DONE'; echo warning >&2; {WRITE_ID}")
        lines: list[str] = []
        assert Docker().build(ORDER, lines.append) == "01ab"
        assert lines == ["#1 DONE", "warning"]
        (command,) = calls()
        (iidfile,) = [word for word in command if word.startswith("--iidfile=")]
        assert [word for word in command if word != iidfile] == COMMAND
        assert not Path(iidfile.partition("=")[2]).exists()

    def test_the_command_can_be_shown_without_running_it(self, calls: Calls) -> None:
        assert shlex.split(Docker().command(ORDER)) == COMMAND
        assert calls() == []

    def test_a_failure_keeps_the_last_lines(self, fake: Fake) -> None:
        fake("docker", "echo 'E: no such package' >&2; exit 2")
        with pytest.raises(CommandError) as caught:
            Docker().build(ORDER, told)
        assert (caught.value.code, caught.value.tail) == (2, ("E: no such package",))


class TestStore:
    def test_every_image_comes_with_its_names_as_the_core_writes_them(self, fake: Fake) -> None:
        rows = [
            {"ID": "sha256:01", "Repository": "kolla/cron", "Tag": "1", "Size": "1.13MB"},
            {"ID": "sha256:02", "Repository": "<none>", "Tag": "<none>", "Size": "0B"},
            {"ID": "sha256:03", "Repository": "localhost:5000/cron", "Tag": "2", "Size": "2GB"},
        ]
        fake("docker", f"printf '%s\\n' {shlex.join(map(json.dumps, rows))}")
        assert Docker().images() == (
            Local(id="01", references=("kolla/cron:1",), size=1_130_000),
            Local(id="02", references=(), size=0),
            Local(id="03", references=("localhost:5000/cron:2",), size=2_000_000_000),
        )

    def test_an_empty_one_holds_nothing(self, fake: Fake) -> None:
        fake("docker", "")
        assert Docker().images() == ()

    @pytest.mark.parametrize("folder", ["", "not-on-this-machine"])
    def test_its_room_is_that_of_the_daemons_folder_or_of_the_root(
        self, fake: Fake, tmp_path: Path, folder: str
    ) -> None:
        fake("docker", f"echo {tmp_path / folder}")
        assert 0 < Docker().free_bytes() <= max(shutil.disk_usage(place).total for place in (tmp_path, "/"))

    def test_an_image_is_pulled_and_known_by_its_id(self, fake: Fake, calls: Calls) -> None:
        fake("docker", "case $1 in pull) echo Pulling;; image) echo sha256:01ab;; esac")
        lines: list[str] = []
        assert Docker().pull("debian:trixie", lines.append) == "01ab"
        assert lines == ["Pulling"]
        assert calls() == [
            ["docker", "pull", "debian:trixie"],
            ["docker", "image", "inspect", "--format={{.Id}}", "debian:trixie"],
        ]

    def test_an_image_gets_one_more_name(self, fake: Fake, calls: Calls) -> None:
        fake("docker", "")
        Docker().tag("01ab", "kolla/cron:2")
        assert calls() == [["docker", "tag", "01ab", "kolla/cron:2"]]

    def test_a_root_file_system_becomes_an_image_of_one_layer(self, fake: Fake, calls: Calls) -> None:
        fake("docker", "case $1 in image) echo sha256:01ab;; esac")
        assert Docker().import_root(Path("trixie.tar"), "made/debian:1", {"b": "2", "a": "1"}, told) == "01ab"
        assert calls() == [
            ["docker", "import", "--change=LABEL a=1", "--change=LABEL b=2", "trixie.tar", "made/debian:1"],
            ["docker", "image", "inspect", "--format={{.Id}}", "made/debian:1"],
        ]


def test_it_has_no_containers_to_tidy_up(calls: Calls) -> None:
    assert Docker().unfinished() == {}
    Docker().discard(["c1"])
    assert calls() == []


def test_the_version_is_the_daemons_so_that_it_proves_that_the_daemon_answers(fake: Fake, calls: Calls) -> None:
    fake("docker", "echo 29.0.1")
    assert Docker().version() == "29.0.1"
    assert calls() == [["docker", "version", "--format={{.Server.Version}}"]]
