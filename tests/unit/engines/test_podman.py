"""podman is told everything on its command line and answers with files and JSON."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.engines import BuildOrder, Local
from kollage.engines.podman import Podman
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]

ORDER = BuildOrder(context=Path("ctx"), dockerfile=Path("ctx/Dockerfile"), references=("kolla/cron:1",))
COMMAND = [
    "podman",
    "build",
    "--isolation=chroot",
    "--layers=false",
    "--pull=false",
    "--format=docker",
    "--network=host",
    "--file=ctx/Dockerfile",
    "--tag=kolla/cron:1",
    "ctx",
]
WRITE_ID = 'for word; do case $word in --iidfile=*) echo sha256:01ab > "${word#*=}";; esac; done'
INSPECTED = 'echo \'[{"Id": "01ab"}]\''


def told(_line: str) -> None:
    """Nothing is expected to be said."""


class TestBuild:
    def test_it_gives_the_id_that_the_engine_wrote_and_hands_on_its_lines(self, fake: Fake, calls: Calls) -> None:
        fake("podman", f"echo STEP 1; echo warning >&2; {WRITE_ID}")
        lines: list[str] = []
        assert Podman(limits=()).build(ORDER, lines.append) == "01ab"
        assert lines == ["STEP 1", "warning"]
        (command,) = calls()
        (iidfile,) = [word for word in command if word.startswith("--iidfile=")]
        assert [word for word in command if word != iidfile] == COMMAND
        assert not Path(iidfile.partition("=")[2]).exists()

    def test_the_command_can_be_shown_without_running_it(self, calls: Calls) -> None:
        assert shlex.split(Podman(limits=()).command(ORDER)) == COMMAND
        assert calls() == []

    def test_a_failure_keeps_the_last_lines(self, fake: Fake) -> None:
        fake("podman", "echo 'E: no such package'; exit 2")
        with pytest.raises(CommandError) as caught:
            Podman(limits=()).build(ORDER, told)
        assert (caught.value.code, caught.value.tail) == (2, ("E: no such package",))


class TestStore:
    def test_every_image_comes_with_its_names_as_the_core_writes_them(self, fake: Fake) -> None:
        rows = [
            {"Id": "01", "Names": ["localhost/kolla/cron:1", "quay.io/kolla/cron:1"], "Size": 124},
            {"Id": "02", "Names": None, "Size": 3},
            {"Id": "03", "Size": 0},
        ]
        fake("podman", f"echo {shlex.quote(json.dumps(rows))}")
        assert Podman().images() == (
            Local(id="01", references=("kolla/cron:1", "quay.io/kolla/cron:1"), size=124),
            Local(id="02", references=(), size=3),
            Local(id="03", references=(), size=0),
        )

    @pytest.mark.parametrize("nothing", ["", "[]"])
    def test_an_empty_one_holds_nothing(self, fake: Fake, nothing: str) -> None:
        fake("podman", f"printf %s '{nothing}'")
        assert Podman().images() == ()
        assert Podman().unfinished() == {}

    def test_its_room_is_that_of_the_folder_it_names(self, fake: Fake, tmp_path: Path) -> None:
        fake("podman", f"echo {shlex.quote(json.dumps({'store': {'graphRoot': str(tmp_path)}}))}")
        assert 0 < Podman().free_bytes() <= shutil.disk_usage(tmp_path).total

    def test_an_image_is_pulled_and_known_by_its_id(self, fake: Fake, calls: Calls) -> None:
        fake("podman", f"case $1 in pull) echo Trying;; image) {INSPECTED};; esac")
        lines: list[str] = []
        assert Podman().pull("docker.io/library/debian:trixie", lines.append) == "01ab"
        assert lines == ["Trying"]
        assert calls() == [
            ["podman", "pull", "docker.io/library/debian:trixie"],
            ["podman", "image", "inspect", "docker.io/library/debian:trixie"],
        ]

    def test_an_image_gets_one_more_name(self, fake: Fake, calls: Calls) -> None:
        fake("podman", "")
        Podman().tag("01ab", "kolla/cron:2")
        assert calls() == [["podman", "tag", "01ab", "kolla/cron:2"]]

    def test_a_root_file_system_becomes_an_image_of_one_layer(self, fake: Fake, calls: Calls) -> None:
        fake("podman", f"case $1 in image) {INSPECTED};; esac")
        assert Podman().import_root(Path("trixie.tar"), "made/debian:1", {"b": "two words", "a": "1"}, told) == "01ab"
        assert calls() == [
            ["podman", "import", "--change=LABEL a=1", "--change=LABEL b=two words", "trixie.tar", "made/debian:1"],
            ["podman", "image", "inspect", "made/debian:1"],
        ]


class TestContainers:
    def test_those_that_builds_work_in_are_known_by_the_image_they_began_with(self, fake: Fake) -> None:
        rows = [
            {"Id": "c1", "State": "storage", "Image": "localhost/kolla/base:1"},
            {"Id": "c2", "State": "running", "Image": "localhost/kolla/base:1"},
            {"Id": "c3", "State": "storage", "Image": "quay.io/kolla/base:1"},
        ]
        fake("podman", f"echo {shlex.quote(json.dumps(rows))}")
        assert Podman().unfinished() == {"c1": "kolla/base:1", "c3": "quay.io/kolla/base:1"}

    def test_one_that_has_gone_already_does_not_keep_the_others(self, fake: Fake, calls: Calls) -> None:
        fake("podman", "[ $3 != c1 ]")
        Podman().discard(["c1", "c2"])
        assert calls() == [["podman", "rm", "--force", "c1"], ["podman", "rm", "--force", "c2"]]


@pytest.mark.parametrize(
    ("answer", "version"), [("podman version 5.4.2", "5.4.2"), ("something else", "something else")]
)
def test_the_version_is_read_from_the_answer(fake: Fake, calls: Calls, answer: str, version: str) -> None:
    fake("podman", f"echo '{answer}'")
    assert Podman().version() == version
    assert calls() == [["podman", "--version"]]
