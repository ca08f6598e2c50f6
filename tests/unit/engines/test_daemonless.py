"""buildah and podman are told alike how to build and how to push."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kollage import process
from kollage.engines import BuildOrder, daemonless
from kollage.engines.buildah import Buildah
from kollage.engines.podman import Podman
from kollage.errors import UsageError
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]
Either = Buildah | Podman

DIGEST = 'for word; do case $word in --digestfile=*) printf sha256:0d > "${word#*=}";; esac; done'


@pytest.fixture(params=[Buildah, Podman])
def engine(request: pytest.FixtureRequest) -> Either:
    made: Either = request.param(limits=())
    return made


def order_for(folder: Path, text: str, **more: Any) -> BuildOrder:
    (folder / "Dockerfile").write_text(text)
    return BuildOrder(context=folder, dockerfile=folder / "Dockerfile", references=("cron:1",), **more)


def flags(engine: Either, order: BuildOrder, *names: str) -> list[str]:
    return [word for word in shlex.split(engine.command(order)) if word.partition("=")[0] in names]


@pytest.mark.parametrize("binds", [False, True])
@pytest.mark.parametrize(
    ("told", "plain", "bound"),
    [
        ({}, ["--layers=true"], ["--layers=false"]),
        ({"cache": False}, ["--layers=false"], ["--layers=false"]),
        ({"squash": True}, ["--layers=false"], ["--layers=false"]),
        ({"squash": True, "keep": True}, ["--layers=false"], ["--layers=false"]),
        ({"keep": True}, ["--layers=true"], ["--layers=true", "--no-cache"]),
        ({"keep": True, "cache": False}, ["--layers=true", "--no-cache"], ["--layers=true", "--no-cache"]),
    ],
)
def test_layers_are_made_where_they_are_of_use_and_never_stale(
    engine: Either, tmp_path: Path, binds: bool, told: dict[str, Any], plain: list[str], bound: list[str]
) -> None:
    mount = "--mount=type=bind,source=a,target=/a " if binds else "--mount=type=cache,target=/c "
    order = order_for(tmp_path, f"FROM base:1\nRUN {mount}true\n", **told)
    assert flags(engine, order, "--layers", "--no-cache") == (bound if binds else plain)


def test_a_container_stays_only_if_it_is_to(engine: Either, tmp_path: Path) -> None:
    order = order_for(tmp_path, "FROM base:1\n")
    assert flags(engine, order, "--force-rm") == ["--force-rm=true"]
    assert flags(engine, replace(order, keep=True), "--force-rm") == ["--force-rm=false"]


@pytest.mark.parametrize("network", ["none", "private", "mine"])
def test_another_network_than_the_hosts_needs_the_engines_own_isolation(
    engine: Either, tmp_path: Path, network: str
) -> None:
    order = order_for(tmp_path, "FROM base:1\n", network=network)
    assert flags(engine, order, "--isolation", "--network") == [f"--network={network}"]
    assert flags(replace(engine, isolation="rootless"), order, "--isolation") == ["--isolation=rootless"]


def test_several_platforms_are_refused(engine: Either, tmp_path: Path) -> None:
    order = order_for(tmp_path, "FROM base:1\n", platform="linux/amd64,linux/arm64")
    with pytest.raises(UsageError, match=f"^{engine.name} builds for one platform at a time"):
        engine.command(order)


def test_a_newer_parent_is_pulled_before_the_build(engine: Either, fake: Fake, calls: Calls, tmp_path: Path) -> None:
    fake(engine.name, "")
    order = order_for(tmp_path, "FROM quay.io/base:1\n", pull=True, platform="linux/arm64")
    engine.build(order, lambda _line: None)
    always = ["--policy=always"] if engine.name == "buildah" else []
    assert [call[1:] for call in calls()][:2] == [
        ["pull", "--help"],
        ["pull", *always, "--platform=linux/arm64", "quay.io/base:1"],
    ]
    assert calls()[2][1] == "build"


def test_one_that_cannot_be_had_is_not_waited_for_where_it_is_there(engine: Either, fake: Fake, tmp_path: Path) -> None:
    answers = 'pull) echo refused; exit 1;; inspect|image) echo \'[{"Id": "01"}]\';; build) echo built;;'
    fake(engine.name, f"[ $2 = --help ] && exit; case $1 in {answers} esac")
    lines: list[str] = []
    engine.build(order_for(tmp_path, "FROM quay.io/base:1\n", pull=True), lines.append)
    assert lines == ["refused", "no newer quay.io/base:1 can be had; the one that is there is used", "built"]


def test_one_that_is_nowhere_is_an_error(engine: Either, fake: Fake, tmp_path: Path) -> None:
    fake(engine.name, "[ $2 = --help ]")
    with pytest.raises(CommandError):
        engine.build(order_for(tmp_path, "FROM quay.io/base:1\n", pull=True), lambda _line: None)


class TestPush:
    @pytest.mark.parametrize(("plain", "allowed"), [(False, []), (True, ["--tls-verify=false"])])
    @pytest.mark.parametrize(
        ("help_text", "once"), [("--retry int", ["--retry=0", "--retry-delay=10ms"]), ("--retries", [])]
    )
    def test_the_digest_comes_from_a_file(
        self, engine: Either, fake: Fake, calls: Calls, plain: bool, allowed: list[str], help_text: str, once: list[str]
    ) -> None:
        fake(engine.name, f"[ $2 = --help ] && echo '{help_text}' && exit; echo pushing; {DIGEST}")
        lines: list[str] = []
        assert engine.push("quay.io/cron:1", lines.append, plain=plain) == "sha256:0d"
        assert lines == ["pushing"]
        called = calls()[-1]
        (file,) = [word for word in called if word.startswith("--digestfile=")]
        assert [word for word in called if word != file] == [engine.name, "push", *allowed, *once, "quay.io/cron:1"]
        assert not Path(file.partition("=")[2]).exists()

    def test_a_failure_keeps_the_last_lines(self, engine: Either, fake: Fake) -> None:
        fake(engine.name, "[ $2 = --help ] && exit; echo 'unauthorized: authentication required' >&2; exit 125")
        with pytest.raises(CommandError) as caught:
            engine.push("quay.io/cron:1", lambda _line: None)
        assert caught.value.tail == ("unauthorized: authentication required",)


def test_images_can_be_chosen_by_a_label(engine: Either, fake: Fake, calls: Calls) -> None:
    fake(engine.name, "echo '[]'")
    assert engine.images("kollage.fingerprint=01") == ()
    assert calls()[0][-1] == "--filter=label=kollage.fingerprint=01"


def test_an_id_is_removed_under_all_its_names(engine: Either, fake: Fake, calls: Calls) -> None:
    row = {"buildah": '{"id": "01", "names": ["localhost/a:1", "b/c:1"], "size": "1 B"}'}
    answer = row.get(engine.name, '{"Id": "01", "Names": ["localhost/a:1", "b/c:1"], "Size": 1}')
    fake(engine.name, f"[ $1 = images ] && echo '[{answer}]' || true")
    engine.remove(["01"])
    assert [call[1:] for call in calls()[1:]] == [["rmi", "a:1"], ["rmi", "b/c:1"]]


@pytest.mark.parametrize(
    ("comments", "name"),
    [
        (["FROM localhost/kolla/base:1"], "kolla/base:1"),
        (["FROM localhost/old:1", "FROM 01ab23cd45ef", None, "FROM quay.io/new:1", "FROM 0f"], "quay.io/new:1"),
        (["FROM 01ab23cd45ef", None], ""),
        ([], ""),
    ],
)
def test_the_image_that_a_build_began_with_is_the_last_with_a_name_in_the_history(
    comments: list[str | None], name: str
) -> None:
    history = [{"created_by": "RUN", **({"comment": comment} if comment else {})} for comment in comments]
    assert daemonless.began_with(history) == name


class TestAKernelThatIsNotReady:
    SAID = "Close_Fd sealing memfd copy: Device or resource busy"

    def test_a_build_is_begun_anew(
        self, engine: Either, fake: Fake, calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pauses: list[float] = []
        monkeypatch.setattr(process, "pause", pauses.append)
        fake(engine.name, f'[ -e {tmp_path}/ready ] && exit; touch {tmp_path}/ready; echo "{self.SAID}" >&2; exit 1')
        engine.build(order_for(tmp_path, "FROM base:1\n"), lambda _line: None)
        assert [call[1] for call in calls()] == ["build", "build"]
        assert len(pauses) == 1

    def test_what_fails_of_itself_is_not(self, engine: Either, fake: Fake, calls: Calls, tmp_path: Path) -> None:
        fake(engine.name, "echo 'no such package' >&2; exit 1")
        with pytest.raises(CommandError):
            engine.build(order_for(tmp_path, "FROM base:1\n"), lambda _line: None)
        assert len(calls()) == 1
