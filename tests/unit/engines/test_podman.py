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
    "--layers=true",
    "--pull=missing",
    "--force-rm=true",
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
        fake("podman", f"case $2 in --help) exit;; esac; case $1 in pull) echo Trying;; image) {INSPECTED};; esac")
        lines: list[str] = []
        assert Podman().pull("docker.io/library/debian:trixie", lines.append) == "01ab"
        assert lines == ["Trying"]
        assert calls() == [
            ["podman", "pull", "--help"],
            ["podman", "pull", "docker.io/library/debian:trixie"],
            ["podman", "image", "inspect", "docker.io/library/debian:trixie"],
        ]

    def test_an_image_gets_one_more_name(self, fake: Fake, calls: Calls) -> None:
        fake("podman", "")
        Podman().tag("01ab", "kolla/cron:2")
        assert calls() == [["podman", "tag", "01ab", "kolla/cron:2"]]

    def test_a_root_file_system_becomes_an_image_of_one_layer(self, fake: Fake, calls: Calls, tmp_path: Path) -> None:
        fake("podman", f"cat {tmp_path}/trixie.Dockerfile; {WRITE_ID}")
        lines: list[str] = []
        found = Podman().import_root(tmp_path / "trixie.tar", "made/debian:1", {"a": "two words"}, lines.append)
        assert (found, lines) == ("01ab", ["FROM scratch", "ADD trixie.tar /"])
        assert {"--layers=false", "--tag=made/debian:1", "--label=a=two words"} <= set(calls()[0])

    def test_a_row_for_each_name_is_one_image(self, fake: Fake) -> None:
        rows = [
            {"Id": "01", "Names": ["localhost/kolla/cron:1", "localhost/kolla/cron:2"], "Size": 1},
            {"Id": "01", "Names": ["localhost/kolla/cron:1", "localhost/kolla/cron:2"], "Size": 1},
        ]
        fake("podman", f"echo {shlex.quote(json.dumps(rows))}")
        assert Podman().images() == (Local(id="01", references=("kolla/cron:1", "kolla/cron:2"), size=1),)


class TestContainers:
    def test_those_that_builds_work_in_are_known_by_the_image_they_began_with(self, fake: Fake) -> None:
        rows = [
            {"Id": "c1", "State": "storage", "ImageID": "01", "Image": "localhost/kolla/base:1"},
            {"Id": "c2", "State": "running", "ImageID": "01", "Image": "localhost/kolla/base:1"},
            {"Id": "c3", "State": "storage", "ImageID": "02", "Image": "quay.io/kolla/base:1"},
        ]
        fake("podman", f"echo {shlex.quote(json.dumps(rows))}")
        assert Podman().unfinished() == {"c1": "kolla/base:1", "c3": "quay.io/kolla/base:1"}

    def test_between_two_steps_that_is_in_the_history(self, fake: Fake, calls: Calls) -> None:
        rows = [{"Id": "c1", "State": "storage", "ImageID": "01", "Image": "docker.io/library/0a-tmp:latest"}]
        told = [{"History": [{"created_by": "ADD"}, {"comment": "FROM localhost/kolla/base:1"}]}]
        fake("podman", f"[ $1 = ps ] && echo '{json.dumps(rows)}' || echo '{json.dumps(told)}'")
        assert Podman().unfinished() == {"c1": "kolla/base:1"}
        assert calls()[-1] == ["podman", "image", "inspect", "01"]

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


class TestService:
    URL = "unix:///run/podman.sock"

    def test_every_call_names_it(self, fake: Fake, calls: Calls) -> None:
        fake("podman", f"shift 2; case $1 in build) {WRITE_ID};; version) echo 4.3.1;; *) echo '[]';; esac")
        engine = Podman(url=self.URL)
        assert (engine.version(), engine.images(), engine.unfinished()) == ("4.3.1", (), {})
        engine.build(ORDER, told)
        engine.tag("01", "kolla/cron:2")
        engine.discard(["c1"])
        assert [call[:3] for call in calls()] == [["podman", "--url", self.URL]] * 6
        assert shlex.split(engine.command(ORDER))[:4] == ["podman", "--url", self.URL, "build"]

    def test_its_room_is_what_it_tells(self, fake: Fake) -> None:
        store = {"graphRoot": "/elsewhere", "graphRootAllocated": 10, "graphRootUsed": 4}
        fake("podman", f"echo '{json.dumps({'store': store})}'")
        assert Podman(url=self.URL).free_bytes() == 6

    def test_the_digest_of_a_push_is_asked_of_the_registry_through_a_list(self, fake: Fake, calls: Calls) -> None:
        answer = json.dumps({"manifests": [{"digest": "sha256:0d"}]})
        fake("podman", f"shift 2; [ \"$1 $2\" = 'manifest inspect' ] && echo '{answer}' || true")
        assert Podman(url=self.URL).push("127.0.0.1:5000/cron:1", told, plain=True) == "sha256:0d"
        said = [call[3:] for call in calls()]
        name = said[2][2]
        assert said == [
            ["push", "--help"],
            ["push", "--tls-verify=false", "127.0.0.1:5000/cron:1"],
            ["manifest", "create", name],
            ["manifest", "add", "--tls-verify=false", name, "docker://127.0.0.1:5000/cron:1"],
            ["manifest", "inspect", name],
            ["manifest", "rm", name],
        ]

    def test_the_list_goes_even_where_it_cannot_be_read(self, fake: Fake, calls: Calls) -> None:
        fake("podman", "shift 2; [ \"$1 $2\" != 'manifest add' ]")
        with pytest.raises(CommandError):
            Podman(url=self.URL).push("127.0.0.1:5000/cron:1", told)
        assert calls()[-1][3:5] == ["manifest", "rm"]
