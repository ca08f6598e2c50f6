"""buildah is told everything on its command line and answers with files and JSON."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage import process
from kollage.engines import BuildOrder, Local
from kollage.engines.buildah import Buildah
from kollage.errors import EngineError
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]

ORDER = BuildOrder(context=Path("ctx"), dockerfile=Path("ctx/Dockerfile"), references=("kolla/cron:1",))
COMMAND = [
    "buildah",
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


def told(_line: str) -> None:
    """Nothing is expected to be said."""


class TestBuild:
    def test_it_gives_the_id_that_the_engine_wrote_and_hands_on_its_lines(self, fake: Fake, calls: Calls) -> None:
        fake("buildah", f"echo STEP 1; echo warning >&2; {WRITE_ID}")
        lines: list[str] = []
        assert Buildah(limits=()).build(ORDER, lines.append) == "01ab"
        assert lines == ["STEP 1", "warning"]
        (command,) = calls()
        (iidfile,) = [word for word in command if word.startswith("--iidfile=")]
        assert [word for word in command if word != iidfile] == COMMAND
        assert not Path(iidfile.partition("=")[2]).exists()

    def test_the_isolation_can_be_chosen(self, fake: Fake, calls: Calls) -> None:
        fake("buildah", WRITE_ID)
        Buildah(isolation="rootless", limits=()).build(ORDER, told)
        assert "--isolation=rootless" in calls()[0]

    def test_the_command_can_be_shown_without_running_it(self, calls: Calls) -> None:
        assert shlex.split(Buildah(limits=()).command(ORDER)) == COMMAND
        assert calls() == []

    def test_a_failure_keeps_the_last_lines(self, fake: Fake) -> None:
        fake("buildah", "echo 'E: no such package'; exit 2")
        with pytest.raises(CommandError) as caught:
            Buildah(limits=()).build(ORDER, told)
        assert (caught.value.code, caught.value.tail) == (2, ("E: no such package",))


class TestStore:
    def test_every_image_comes_with_its_names_as_the_core_writes_them(self, fake: Fake) -> None:
        rows = [
            {"id": "sha256:01", "names": ["localhost/kolla/cron:1", "quay.io/kolla/cron:1"], "size": "124 MB"},
            {"id": "02", "names": None, "size": "1.5 kB"},
        ]
        fake("buildah", f"echo {shlex.quote(json.dumps(rows))}")
        assert Buildah().images() == (
            Local(id="01", references=("kolla/cron:1", "quay.io/kolla/cron:1"), size=124_000_000),
            Local(id="02", references=(), size=1500),
        )

    @pytest.mark.parametrize("nothing", ["", "null", "[]"])
    def test_an_empty_one_holds_nothing(self, fake: Fake, nothing: str) -> None:
        fake("buildah", f"printf %s '{nothing}'")
        assert Buildah().images() == ()
        assert Buildah().unfinished() == {}

    def test_its_room_is_that_of_the_folder_it_names(self, fake: Fake, tmp_path: Path) -> None:
        fake("buildah", f"echo {shlex.quote(json.dumps({'store': {'GraphRoot': str(tmp_path)}}))}")
        usage = shutil.disk_usage(tmp_path)
        assert 0 < Buildah().free_bytes() <= usage.total

    def test_an_image_is_pulled_and_known_by_its_id(self, fake: Fake, calls: Calls) -> None:
        answers = 'pull) echo Trying;; inspect) echo \'{"FromImageID": "01ab"}\';;'
        fake("buildah", f"[ $2 = --help ] && exit; case $1 in {answers} esac")
        lines: list[str] = []
        assert Buildah().pull("docker.io/library/debian:trixie", lines.append) == "01ab"
        assert lines == ["Trying"]
        assert calls() == [
            ["buildah", "pull", "--help"],
            ["buildah", "pull", "--policy=always", "docker.io/library/debian:trixie"],
            ["buildah", "inspect", "--type=image", "docker.io/library/debian:trixie"],
        ]

    def test_an_image_gets_one_more_name(self, fake: Fake, calls: Calls) -> None:
        fake("buildah", "")
        Buildah().tag("01ab", "kolla/cron:2")
        assert calls() == [["buildah", "tag", "01ab", "kolla/cron:2"]]

    def test_a_root_file_system_becomes_an_image_of_one_layer(self, fake: Fake, calls: Calls, tmp_path: Path) -> None:
        fake("buildah", f"cat {tmp_path}/trixie.Dockerfile; {WRITE_ID}")
        lines: list[str] = []
        found = Buildah().import_root(tmp_path / "trixie.tar", "made/debian:1", {"a": "b"}, lines.append)
        assert (found, lines) == ("01ab", ["FROM scratch", "ADD trixie.tar /"])
        assert {"--tag=made/debian:1", "--label=a=b", f"--file={tmp_path}/trixie.Dockerfile"} <= set(calls()[0])
        assert calls()[0][-1] == str(tmp_path)


class TestContainers:
    def test_those_that_builds_work_in_are_known_by_the_image_they_began_with(self, fake: Fake) -> None:
        rows = [
            {"id": "c1", "builder": True, "imageid": "01", "imagename": "localhost/kolla/base:1"},
            {"id": "c2", "builder": False, "imageid": "01", "imagename": "localhost/kolla/base:1"},
            {"id": "c3", "builder": True, "imageid": "02", "imagename": "quay.io/kolla/base:1"},
        ]
        fake("buildah", f"echo {shlex.quote(json.dumps(rows))}")
        assert Buildah().unfinished() == {"c1": "kolla/base:1", "c3": "quay.io/kolla/base:1"}

    def test_between_two_steps_that_is_in_the_history(self, fake: Fake, calls: Calls) -> None:
        rows = [{"id": "c1", "builder": True, "imageid": "01", "imagename": ""}]
        told = {"OCIv1": {"history": [{"created_by": "ADD"}, {"comment": "FROM localhost/kolla/base:1"}]}}
        fake("buildah", f"[ $1 = containers ] && echo '{json.dumps(rows)}' || echo '{json.dumps(told)}'")
        assert Buildah().unfinished() == {"c1": "kolla/base:1"}
        assert calls()[-1] == ["buildah", "inspect", "--type=image", "01"]

    def test_whose_they_are_is_known_by_what_is_kept_of_them(self, fake: Fake, tmp_path: Path) -> None:
        fake("buildah", f"echo {shlex.quote(json.dumps({'store': {'GraphRoot': str(tmp_path)}}))}")
        kept = tmp_path / "overlay-containers" / "c1" / "userdata" / "buildah.json"
        kept.parent.mkdir(parents=True)
        kept.write_text('{"CommonBuildOpts": {"Secrets": ["id=kollage-run,src=/cache/runs/run-1/lock"]}}')
        assert Buildah().working_for(Path("/cache/runs/run-1")) == {"c1"}
        assert Buildah().working_for(Path("/cache/runs/run-2")) == set()

    def test_an_image_that_has_gone_meanwhile_has_none(self, fake: Fake) -> None:
        rows = [{"id": "c1", "builder": True, "imageid": "01", "imagename": ""}]
        fake("buildah", f"[ $1 = containers ] && echo '{json.dumps(rows)}'")
        assert Buildah().unfinished() == {"c1": ""}

    @pytest.mark.parametrize("user", [0, 1000])
    def test_one_that_has_gone_already_does_not_keep_the_others(
        self, fake: Fake, calls: Calls, monkeypatch: pytest.MonkeyPatch, user: int
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: user)
        fake("buildah", "[ $2 != c1 ]")
        Buildah().discard(["c1", "c2"])
        assert calls() == [["buildah", "rm", "c1"], ["buildah", "rm", "c2"]]

    def test_a_question_that_another_run_has_upset_is_asked_again(
        self, fake: Fake, calls: Calls, tmp_path: Path
    ) -> None:
        upset = f"test -e {tmp_path}/once || {{ touch {tmp_path}/once; echo 'container not known' >&2; exit 125; }}"
        fake("buildah", f"{upset}; echo '[]'")
        assert Buildah().unfinished() == {}
        assert len(calls()) == 2

    @pytest.mark.parametrize(("said", "asked"), [("container not known", 5), ("no such store", 1)])
    def test_but_not_for_ever_and_not_for_another_failure(
        self, said: str, asked: int, fake: Fake, calls: Calls
    ) -> None:
        fake("buildah", f"echo '{said}' >&2; exit 125")
        with pytest.raises(CommandError):
            Buildah().unfinished()
        assert len(calls()) == asked


class TestVersion:
    @pytest.mark.parametrize(
        ("answer", "version"),
        [
            ("buildah version 1.41.5 (image-spec 1.1.1, runtime-spec 1.2.1)", "1.41.5"),
            ("something else", "something else"),
        ],
    )
    def test_it_is_read_from_the_answer(self, fake: Fake, calls: Calls, answer: str, version: str) -> None:
        fake("buildah", f"echo '{answer}'")
        assert Buildah().version() == version
        assert calls() == [["buildah", "--version"]]


class TestUser:
    BROKEN = "echo 'cannot clone: Operation not permitted' >&2; exit 1"

    def test_one_for_whom_the_store_cannot_be_read_is_told_what_to_do(
        self, fake: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        fake("buildah", self.BROKEN)
        with pytest.raises(EngineError) as caught:
            Buildah().images()
        assert caught.value.message == "buildah cannot work for this user: cannot clone: Operation not permitted"
        assert caught.value.hint == "run as root, or give the user ranges in /etc/subuid and /etc/subgid"

    def test_root_is_told_the_failure_itself(self, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        fake("buildah", self.BROKEN)
        with pytest.raises(CommandError) as caught:
            Buildah().images()
        assert caught.value.tail == ("cannot clone: Operation not permitted",)

    def test_what_is_wrong_with_an_image_is_not_blamed_on_the_user(
        self, fake: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        fake("buildah", "echo 'cron: image not known' >&2; exit 1")
        with pytest.raises(CommandError) as caught:
            Buildah().tag("cron", "kolla/cron:2")
        assert caught.value.tail == ("cron: image not known",)


def test_caches_of_builds_lie_in_a_folder_of_the_users_own(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "buildah"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "$TMPDIR"\n', encoding="utf-8")
    tool.chmod(0o755)
    script = (
        "from pathlib import Path; from kollage.engines import BuildOrder, buildah; "
        "order = BuildOrder(context=Path('/c'), dockerfile=Path('/c/D'), references=()); "
        f"buildah.Buildah(temporary=Path('{tmp_path}/own')).build(order, print)"
    )
    printed = process.run([sys.executable, "-c", script], env={"PATH": f"{tool.parent}:{os.environ['PATH']}"})
    assert printed.strip() == f"{tmp_path}/own"
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
