"""docker is told everything on its command line and answers with files, JSON and formats of its own."""

import hashlib
import json
import os
import shlex
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kollage.engines import BuildOrder, Local, ids_by_name
from kollage.engines.docker import Builder, Docker
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]

ORDER = BuildOrder(context=Path("ctx"), dockerfile=Path("ctx/Dockerfile"), references=("kolla/cron:1",))
TOLD = ["--network=host", "--file=ctx/Dockerfile", "--tag=kolla/cron:1", "ctx"]
BUILDX = ["docker", "buildx", "build", "--load", "--progress=plain", *TOLD]
CLASSIC = ["docker", "build", "--force-rm", *TOLD]
NO_BUILDX = "[ \"$1 $2\" = 'buildx version' ] && { echo 'unknown command: docker buildx' >&2; exit 1; }; "
WRITE_ID = 'for word; do case $word in --iidfile=*) echo sha256:01ab > "${word#*=}";; esac; done'


def told(_line: str) -> None:
    """Nothing is expected to be said."""


class TestBuild:
    @pytest.mark.parametrize(
        ("missing", "wanted", "kind", "command"),
        [
            ("", True, Builder.BUILDKIT, BUILDX),
            ("", False, Builder.CLASSIC, CLASSIC),
            (NO_BUILDX, True, Builder.CLASSIC, CLASSIC),
        ],
    )
    def test_buildkit_builds_where_it_is_wanted_and_answers(
        self, fake: Fake, calls: Calls, missing: str, wanted: bool, kind: Builder, command: list[str]
    ) -> None:
        fake("docker", f"{missing}echo '#1 DONE'; echo $DOCKER_BUILDKIT >&2; {WRITE_ID}")
        lines: list[str] = []
        engine = Docker(buildkit=wanted, limits=())
        assert engine.build(ORDER, lines.append) == "01ab"
        assert lines == [f"docker builds with {kind}", "#1 DONE", "0" if kind is Builder.CLASSIC else ""]
        assert engine.builder_kind() is kind
        (called,) = [call for call in calls() if "build" in call]
        (iidfile,) = [word for word in called if word.startswith("--iidfile=")]
        assert [word for word in called if word != iidfile] == command
        assert not Path(iidfile.partition("=")[2]).exists()

    def test_the_command_can_be_shown_without_running_it(self, fake: Fake, calls: Calls) -> None:
        fake("docker", "")
        assert shlex.split(Docker().command(ORDER)) == ["env", "BUILDX_NO_DEFAULT_ATTESTATIONS=1", *BUILDX]
        assert shlex.split(Docker(buildkit=False, limits=()).command(ORDER)) == ["env", "DOCKER_BUILDKIT=0", *CLASSIC]
        assert calls() == [["docker", "buildx", "version"]]

    @pytest.mark.parametrize(
        ("change", "classic", "buildkit"),
        [
            ({"cache": False}, {"--no-cache"}, {"--no-cache"}),
            ({"network": "private"}, {"--network=default"}, {"--network=default"}),
            ({"network": "none"}, {"--network=none"}, {"--network=none"}),
            ({"platform": "linux/arm64"}, {"--platform=linux/arm64"}, {"--platform=linux/arm64"}),
            ({"secrets": {"a": Path("f")}}, set(), {"--secret=id=a,src=f"}),
            ({"inherited": {"TOKEN": "hidden"}}, {"--build-arg=TOKEN"}, {"--build-arg=TOKEN"}),
            ({"contexts": {"unused": Path("f")}}, set(), set()),
        ],
    )
    def test_an_order_is_told_in_the_builders_words(
        self, fake: Fake, change: dict[str, Any], classic: set[str], buildkit: set[str]
    ) -> None:
        fake("docker", "")
        for wanted, flags in ((False, classic), (True, buildkit)):
            engine = Docker(buildkit=wanted, limits=())
            plain, told_more = (set(shlex.split(engine.command(order))) for order in (ORDER, replace(ORDER, **change)))
            assert told_more - plain == flags

    def test_the_container_of_a_classic_build_that_fails_stays_if_it_is_to(self) -> None:
        engine = Docker(buildkit=False)
        assert "--force-rm" in engine.command(ORDER)
        assert "--force-rm" not in engine.command(replace(ORDER, keep=True))

    def test_limits_are_told_to_the_classic_builder(self) -> None:
        assert "--ulimit=nofile=9:9" in Docker(buildkit=False, limits=("nofile=9:9",)).command(ORDER)

    def test_a_builder_can_be_named(self, fake: Fake) -> None:
        fake("docker", "")
        assert "--builder=mine" in shlex.split(Docker(builder="mine").command(ORDER))

    def test_several_platforms_are_refused(self, fake: Fake) -> None:
        fake("docker", "")
        with pytest.raises(UsageError, match="docker builds for one platform at a time"):
            Docker().build(replace(ORDER, platform="linux/amd64,linux/arm64"), told)

    def test_a_failure_keeps_the_last_lines(self, fake: Fake) -> None:
        fake("docker", "[ $2 = version ] || { echo 'E: no such package' >&2; exit 2; }")
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
            Local(id="01", references=("kolla/cron:1",), size=1_130_000, also=("docker.io/kolla/cron:1",)),
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

    def test_a_root_file_system_becomes_an_image_of_one_layer(self, fake: Fake, calls: Calls, tmp_path: Path) -> None:
        fake("docker", f'case $1 in image) echo sha256:01ab;; load) cp "${{2#*=}}" {tmp_path}/loaded;; esac')
        (tmp_path / "trixie.tar").write_bytes(b"a root")
        labels = {"b": 'two "words" $x'}
        made = Docker().import_root(tmp_path / "trixie.tar", "made/debian:1", labels, told, platform="linux/arm64")
        assert made == "01ab"
        assert [call[:2] for call in calls()] == [["docker", "load"], ["docker", "image"]]
        with tarfile.open(tmp_path / "loaded") as image:
            parts = {member.name: image.extractfile(member).read() for member in image}  # type: ignore[union-attr]
        facts = json.loads(parts["config.json"])
        assert (facts["os"], facts["architecture"], facts["config"]["Labels"]) == ("linux", "arm64", labels)
        assert facts["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(b'a root').hexdigest()}"]
        assert json.loads(parts["manifest.json"])[0]["RepoTags"] == ["made/debian:1"]
        assert parts["layer.tar"] == b"a root"

    def test_a_row_for_each_name_is_one_image(self, fake: Fake, calls: Calls) -> None:
        rows = [
            {"ID": "sha256:01", "Repository": "kolla/cron", "Tag": "1", "Size": "1B"},
            {"ID": "sha256:01", "Repository": "kolla/cron", "Tag": "2", "Size": "1B"},
            {"ID": "sha256:01", "Repository": "quay.io/kolla/cron", "Tag": "<none>", "Size": "1B"},
        ]
        fake("docker", f"printf '%s\\n' {shlex.join(map(json.dumps, rows))}")
        names = ("kolla/cron:1", "kolla/cron:2")
        also = tuple(f"docker.io/{name}" for name in names)
        assert Docker().images("a=b") == (Local(id="01", references=names, size=1, also=also),)
        assert calls() == [["docker", "images", "--no-trunc", "--format={{json .}}", "--filter=label=a=b"]]

    def test_a_name_means_docker_io_where_it_has_no_registry(self, fake: Fake) -> None:
        names = ("debian", "kolla/cron", "docker.io.example/cron", "r:5000/cron", "localhost/cron")
        rows = [{"ID": f"0{place}", "Repository": name, "Tag": "1", "Size": "1B"} for place, name in enumerate(names)]
        fake("docker", f"printf '%s\\n' {shlex.join(map(json.dumps, rows))}")
        assert {name: key for name, key in ids_by_name(Docker().images()).items() if name.startswith("docker.io/")} == {
            "docker.io/library/debian:1": "00",
            "docker.io/debian:1": "00",
            "docker.io/kolla/cron:1": "01",
        }


class TestPush:
    @pytest.mark.parametrize(
        ("reference", "repository"),
        [
            ("127.0.0.1:5000/kolla/cron:1", "127.0.0.1:5000/kolla/cron"),
            ("docker.io/kolla/cron:1", "kolla/cron"),
            ("docker.io/library/cron:1", "cron"),
        ],
    )
    def test_the_digest_is_the_one_of_the_names_repository(
        self, fake: Fake, tmp_path: Path, reference: str, repository: str
    ) -> None:
        digests = [f"{repository}@sha256:0b", "quay.io/cron@sha256:0c"]
        fake("docker", f"case $1 in image) echo '{json.dumps(digests)}';; push) echo pushing;; esac")
        lines: list[str] = []
        assert Docker().push(reference, lines.append) == "sha256:0b"
        assert lines == ["pushing"]

    def test_of_several_it_is_the_new_one(self, fake: Fake, tmp_path: Path) -> None:
        fake(
            "docker",
            f"cd {tmp_path}; case $1 in push) touch done;; image) [ -e done ] && new=',\"a/b@sha256:0a\"'; "
            'echo "[\\"a/b@sha256:0b\\"$new]";; esac',
        )
        assert Docker().push("a/b:1", told) == "sha256:0a"

    @pytest.mark.parametrize("nothing", ["[]", "null"])
    def test_none_at_all_is_an_error(self, fake: Fake, nothing: str) -> None:
        fake("docker", f"[ $1 = image ] && echo {nothing} || true")
        with pytest.raises(EngineError, match="docker does not tell the digest of a/b:1"):
            Docker().push("a/b:1", told)


class TestSquash:
    def test_without_the_program_nothing_is_built(
        self, fake: Fake, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake("docker", WRITE_ID)
        monkeypatch.setenv("PATH", os.environ["PATH"].partition(":")[0])
        with pytest.raises(EngineError) as caught:
            Docker(buildkit=False).build(replace(ORDER, squash=True), told)
        assert (caught.value.message, caught.value.hint) == (
            "the program 'docker-squash' is not installed",
            "pip install docker-squash",
        )
        assert calls() == []

    def test_buildkit_does_not(self, fake: Fake) -> None:
        fake("docker", "")
        with pytest.raises(UsageError, match="BuildKit does not squash images"):
            Docker().build(replace(ORDER, squash=True), told)

    @pytest.mark.parametrize(("cleanup", "flags"), [(True, ["--cleanup"]), (False, [])])
    def test_what_the_parent_has_stays_and_the_rest_becomes_one(
        self, fake: Fake, calls: Calls, tmp_path: Path, cleanup: bool, flags: list[str]
    ) -> None:
        (tmp_path / "Dockerfile").write_text("FROM base:1\nRUN one\nRUN two\n")
        order = replace(ORDER, dockerfile=tmp_path / "Dockerfile", references=("a:1", "a:2"), squash=True)
        layers = 'case $4 in base:1) echo \'["a"]\';; *) echo \'["a", "b", "c"]\';; esac'
        identity = "case $4 in base:1) echo sha256:0b;; *) echo sha256:0f;; esac"
        fake("docker", f"{WRITE_ID}; case $3 in *Layers*) {layers};; *Id*) {identity};; esac")
        fake("docker-squash", "echo $TMPDIR")
        lines: list[str] = []
        engine = Docker(buildkit=False, limits=(), squash_cleanup=cleanup, squash_tmp_dir=tmp_path / "work")
        assert engine.build(order, lines.append) == "0f"
        assert lines == ["docker builds with the classic builder", str(tmp_path / "work")]
        squashed = ["docker-squash", "--from-layer=0b", *flags, "--tag=a:1", "01ab"]
        assert [call for call in calls() if call[0] == "docker-squash"] == [squashed]
        assert calls()[-2:] == [["docker", "tag", "0f", "a:1"], ["docker", "tag", "0f", "a:2"]]


class TestLimitsOfABuilder:
    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("FROM a\nRUN --mount=type=cache,target=/c true\n", "RUN --mount"),
            ("FROM a\nCOPY --chmod=0644 a /a\n", "COPY --chmod"),
            ("FROM more\n", "the further build context 'more'"),
        ],
    )
    def test_what_the_classic_builder_does_not_know_is_told_before_anything_is_built(
        self, fake: Fake, calls: Calls, tmp_path: Path, text: str, what: str
    ) -> None:
        fake("docker", "")
        (tmp_path / "Dockerfile").write_text(text)
        order = replace(ORDER, dockerfile=tmp_path / "Dockerfile", contexts={"more": tmp_path})
        with pytest.raises(EngineError) as caught:
            Docker(buildkit=False).build(order, told)
        assert caught.value.message == f"docker's classic builder does not know {what}, which kolla/cron:1 needs"
        assert calls() == []

    def test_an_old_buildkit_is_named(self, fake: Fake) -> None:
        told_by_docker = "ERROR: unsupported frontend capability moby.buildkit.frontend.contexts"
        fake("docker", f"[ $2 = version ] || {{ echo {told_by_docker}; exit 1; }}")
        with pytest.raises(EngineError, match="the BuildKit of this docker knows no further build contexts"):
            Docker().build(ORDER, told)


def test_it_has_no_containers_to_tidy_up(calls: Calls) -> None:
    assert Docker().unfinished() == {}
    Docker().discard(["c1"])
    assert calls() == []


def test_the_version_is_the_daemons_so_that_it_proves_that_the_daemon_answers(fake: Fake, calls: Calls) -> None:
    fake("docker", "echo 29.0.1")
    assert Docker().version() == "29.0.1"
    assert calls() == [["docker", "version", "--format={{.Server.Version}}"]]
