"""A step is carried out as it was decided, and its end is a result, whatever happened."""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_engine import FakeEngine
from tests.unit.registry.stub import CONFIG, IMAGE, Reply, Stub, digest, manifest, said, serving

from kollage.act import runner
from kollage.bootstrap import Base
from kollage.catalogue import Catalogue
from kollage.contents import ContextFile
from kollage.engines import BuildOrder, Local
from kollage.errors import EngineError, Interrupted, SourceError
from kollage.image import Image
from kollage.options import Options
from kollage.process import CommandError, OnLine
from kollage.registry import Client, Published
from kollage.render import Rendered
from kollage.results import Result, Status
from kollage.sources import Pin
from kollage.steps import Action, Decision, Lane, Step
from kollage.workshop import Workshop

APP = Image(name="app", folder=Path("app"), description="An app", parent="base")
RENDERED = Rendered(
    image=APP,
    folder="things/app",
    dockerfile="FROM kolla/base:1\n",
    reference="kolla/app:1",
    parent="kolla/base:1",
    files=(ContextFile(path="sub/start.sh", content=b"exec", mode=0o755), ContextFile(path="conf", content=b"x")),
    sources=(),
    plugins=(),
    additions=(),
)
BUILD = Step(
    id="build:app",
    image="app",
    decision=Decision(action=Action.BUILD, reason="never built"),
    identity="f00",
    reference="kolla/app:1",
)
REUSE = replace(BUILD, decision=Decision(action=Action.REUSE, reason="unchanged"), found="17")
SKIP = replace(BUILD, decision=Decision(action=Action.SKIP, reason="--skip-existing"), found="17")
PULL = replace(BUILD, decision=Decision(action=Action.PULL, reason="--skip-parents"))


@dataclass
class Heard:
    """A listener that writes down what it hears."""

    events: list[tuple[str, ...]] = field(default_factory=list)

    def begun(self, step: str, image: str, log: Path | None) -> None:
        self.events.append(("begun", step, image, log.name if log else ""))

    def line(self, step: str, text: str) -> None:
        self.events.append(("line", step, text))

    def ended(self, result: Result) -> None:
        self.events.append(("ended", result.step))

    def closed(self) -> None:
        self.events.append(("closed",))


def workshop(folder: Path, engine: FakeEngine, **more: Any) -> Workshop:
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    shop = Workshop(
        options=Options(tag="1", build_args={"colour": "red"}),
        engine=engine,
        listener=Heard(),
        base=Base(reference="debian:trixie", identity="d", reason="fetched"),
        named={},
        rendered={"app": RENDERED},
        pins={"app": {}},
        fetch=lambda _pin: folder / "never",
        secrets={"network": folder / "network"},
        tools=folder / "tools",
        work=folder / "work",
        private=folder,
        logs=logs,
        registry=Client(),
        catalogue=Catalogue(root=folder, images={"app": APP}, accounts={}, repositories={}),
        repeat=lambda image: f"kollage build '^{image}$'",
    )
    return replace(shop, **more)


def failing(error: Exception, *lines: str) -> Callable[[BuildOrder, OnLine], None]:
    def answer(_order: BuildOrder, on_line: OnLine) -> None:
        for line in lines:
            on_line(line)
        raise error

    return answer


class TestReuse:
    def test_gives_the_image_its_name(self, tmp_path: Path) -> None:
        engine = FakeEngine()
        result = runner(workshop(tmp_path, engine))(REUSE)
        assert result == Result(
            step="build:app", image="app", status=Status.REUSED, reason="unchanged", reference="kolla/app:1"
        )
        assert engine.tagged == [("17", "kolla/app:1")]

    def test_does_nothing_where_the_image_has_the_name(self, tmp_path: Path) -> None:
        engine = FakeEngine()
        assert runner(workshop(tmp_path, engine, named={"kolla/app:1": "17"}))(REUSE).ok
        assert engine.tagged == []

    def test_takes_the_name_from_another_image(self, tmp_path: Path) -> None:
        engine = FakeEngine()
        runner(workshop(tmp_path, engine, named={"kolla/app:1": "16"}))(REUSE)
        assert engine.tagged == [("17", "kolla/app:1")]


class TestLeftAlone:
    def test_what_is_skipped_is_told_and_not_touched(self, tmp_path: Path) -> None:
        engine, heard = FakeEngine(), Heard()
        assert runner(workshop(tmp_path, engine, listener=heard))(SKIP) == Result(
            step="build:app", image="app", status=Status.SKIPPED, reason="--skip-existing", reference="kolla/app:1"
        )
        assert (engine, heard.events) == (FakeEngine(), [])

    def test_what_the_store_lacks_is_pulled_with_a_log(self, tmp_path: Path) -> None:
        engine, heard = FakeEngine(registry=("kolla/app:1",)), Heard()
        result = runner(workshop(tmp_path, engine, listener=heard))(PULL)
        assert (result.status, result.reason, result.log) == (
            Status.PULLED,
            "--skip-parents",
            tmp_path / "logs/app.log",
        )
        assert engine.pulled == ["kolla/app:1"]
        assert heard.events == [("begun", "build:app", "app", "app.log")]

    def test_what_cannot_be_pulled_has_failed_and_no_build_would_mend_it(self, tmp_path: Path) -> None:
        result = runner(workshop(tmp_path, FakeEngine()))(PULL)
        assert (result.status, result.command) == (Status.FAILED, "")
        assert result.reason == "fake answered with exit status 125"


class TestBuild:
    def test_orders_the_image_from_a_written_context(self, tmp_path: Path) -> None:
        seen: list[str] = []

        def answer(order: BuildOrder, _on_line: OnLine) -> None:
            seen.extend(sorted(str(path.relative_to(order.context)) for path in order.context.rglob("*")))

        engine = FakeEngine(answer=answer)
        result = runner(workshop(tmp_path, engine))(BUILD)
        assert (result.status, result.reason, result.reference) == (Status.BUILT, "never built", "kolla/app:1")
        (order,) = engine.orders
        assert order.context == tmp_path / "work/docker/things/app"
        assert order.references == ("kolla/app:1", "kolla/app:fp-f00")
        assert order.build_args == {"colour": "red"}
        assert order.secrets == {"network": tmp_path / "network"}
        assert order.contexts == {"tools": tmp_path / "tools"}
        assert order.labels["kollage.fingerprint"] == "f00"
        assert seen == ["Dockerfile", "conf", "sub", "sub/start.sh"]

    def test_takes_its_context_away(self, tmp_path: Path) -> None:
        runner(workshop(tmp_path, FakeEngine()))(BUILD)
        assert list((tmp_path / "work/docker/things").iterdir()) == []

    def test_keeps_its_context_in_a_work_dir(self, tmp_path: Path) -> None:
        options = Options(tag="1", work_dir=tmp_path / "work")
        runner(workshop(tmp_path, FakeEngine(), options=options))(BUILD)
        assert (tmp_path / "work/docker/things/app/Dockerfile").read_text(encoding="utf-8") == "FROM kolla/base:1\n"

    def test_writes_every_line_to_the_log_and_tells_it(self, tmp_path: Path) -> None:
        def answer(_order: BuildOrder, on_line: OnLine) -> None:
            on_line("STEP 1")

        heard = Heard()
        result = runner(workshop(tmp_path, FakeEngine(answer=answer), listener=heard))(BUILD)
        assert result.log == tmp_path / "logs/app.log"
        assert (tmp_path / "logs/app.log").read_text(encoding="utf-8") == "STEP 1\n"
        assert heard.events == [("begun", "build:app", "app", "app.log"), ("line", "build:app", "STEP 1")]

    def test_puts_one_archive_of_a_source_into_the_context(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_bytes(b"archive")
        pins = {"app": {"app-archive": (Pin(name="app", type="url", identity="i", location="l"),)}}
        contents: list[bytes] = []

        def answer(order: BuildOrder, _on_line: OnLine) -> None:
            contents.append((order.context / "app-archive").read_bytes())

        result = runner(workshop(tmp_path, FakeEngine(answer=answer), pins=pins, fetch=lambda _pin: kept))(BUILD)
        assert (result.status, contents) == (Status.BUILT, [b"archive"])
        assert kept.read_bytes() == b"archive"

    def test_packs_no_plugins_into_an_archive_with_one_empty_folder(self, tmp_path: Path) -> None:
        names: list[str] = []

        def answer(order: BuildOrder, _on_line: OnLine) -> None:
            with tarfile.open(order.context / "plugins-archive") as tar:
                names.extend(tar.getnames())

        runner(workshop(tmp_path, FakeEngine(answer=answer), pins={"app": {"plugins-archive": ()}}))(BUILD)
        assert names == ["plugins"]


class TestTheOrder:
    NETWORK = {"https_proxy": "http://p", "NO_PROXY": "here", "PIP_INDEX_URL": "https://environment"}  # noqa: RUF012

    def order(self, folder: Path, rendered: Rendered = RENDERED, **more: Any) -> BuildOrder:
        engine = FakeEngine()
        options = Options(tag="1", network=self.NETWORK, pip_arguments={"PIP_INDEX_URL": "https://file"}, **more)
        runner(workshop(folder, engine, options=options, rendered={"app": rendered}))(BUILD)
        return engine.orders[0]

    def whole(self) -> Rendered:
        return replace(RENDERED, image=replace(APP, whole=True))

    def test_for_an_image_of_facts_has_the_network_as_secrets_only(self, tmp_path: Path) -> None:
        order = self.order(tmp_path)
        assert (order.inherited, order.secrets) == ({}, {"network": tmp_path / "network"})

    def test_for_a_whole_dockerfile_has_proxies_and_the_indexes_of_the_file_as_arguments(self, tmp_path: Path) -> None:
        order = self.order(tmp_path, self.whole())
        assert order.inherited == {"https_proxy": "http://p", "NO_PROXY": "here", "PIP_INDEX_URL": "https://file"}
        assert (order.secrets, order.contexts) == ({}, {})
        assert "http://p" not in repr(order)

    def test_takes_an_argument_of_the_users_before_that_of_the_network(self, tmp_path: Path) -> None:
        order = self.order(tmp_path, self.whole(), build_args={"https_proxy": "http://mine"})
        assert order.build_args == {"https_proxy": "http://mine"}
        assert order.inherited.keys() == {"NO_PROXY", "PIP_INDEX_URL"}

    @pytest.mark.parametrize(
        ("foreign", "pull", "pulls"), [(True, True, True), (True, False, False), (False, True, False)]
    )
    def test_looks_for_a_newer_parent_only_where_that_is_from_elsewhere(
        self, tmp_path: Path, foreign: bool, pull: bool, pulls: bool
    ) -> None:
        assert self.order(tmp_path, replace(RENDERED, foreign=foreign), pull=pull).pull is pulls

    @pytest.mark.parametrize(
        ("cache", "force", "uses"), [(True, False, True), (True, True, False), (False, False, False)]
    )
    def test_uses_no_earlier_layers_where_everything_is_to_be_new(
        self, tmp_path: Path, cache: bool, force: bool, uses: bool
    ) -> None:
        assert self.order(tmp_path, self.whole(), cache=cache, force=force).cache is uses

    @pytest.mark.parametrize("flag", ["no_reuse", "refresh"])
    def test_uses_no_earlier_layers_where_all_is_to_be_had_anew(self, tmp_path: Path, flag: str) -> None:
        assert not self.order(tmp_path, self.whole(), **{flag: True}).cache

    def test_uses_no_earlier_layers_where_packages_are_to_be_new(self, tmp_path: Path) -> None:
        assert not self.order(tmp_path, replace(self.whole(), updates=("bash=2",))).cache

    def test_uses_no_layers_of_earlier_builds_for_an_image_in_the_frame(self, tmp_path: Path) -> None:
        assert not self.order(tmp_path).cache  # it is one layer, made whole or not at all

    def test_says_how_it_is_to_be_built(self, tmp_path: Path) -> None:
        order = self.order(tmp_path, platform="linux/arm64", network_mode="none", squash=True, keep=True)
        assert (order.platform, order.network, order.squash, order.keep) == ("linux/arm64", "none", True, True)


@dataclass(kw_only=True)
class Pushing(FakeEngine):
    """An engine whose pushes arrive, or come to something else."""

    stub: Stub
    arrives: Reply = field(default_factory=lambda: manifest(IMAGE))

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        on_line("Copying blobs")
        self.stub.on(MANIFEST, self.arrives)
        return super().push(reference, on_line, plain=plain)


MANIFEST = "/v2/kolla/app/manifests/1"
ARRIVED = digest(manifest(IMAGE))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A registry on this machine, which no proxy of the environment has a part in."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as stub:
        yield stub


class TestPush:
    def pushed(self, folder: Path, engine: FakeEngine, host: str, **more: Any) -> Result:
        name = f"{host}/kolla/app:1"
        short = Local(id="16", references=("kolla/app:1",), also=("docker.io/kolla/app:1",))
        engine.local = (short, Local(id=CONFIG, references=("a:2", name)))
        step = replace(
            BUILD,
            id="push:app",
            decision=Decision(action=Action.PUSH, reason="--push"),
            reference=name,
            lane=Lane.PUSH,
        )
        return runner(workshop(folder, engine, options=Options(retries=0, registry_cache=False), **more))(step)

    def test_sends_what_the_registry_does_not_have(self, tmp_path: Path, stub: Stub) -> None:
        engine, heard = Pushing(stub=stub, digest=ARRIVED), Heard()
        result = self.pushed(tmp_path, engine, stub.host, listener=heard)
        name = f"{stub.host}/kolla/app:1"
        assert (result.status, result.reason, result.reference) == (Status.PUSHED, "--push", name)
        assert engine.pushed == [(name, True)]
        assert heard.events == [("begun", "push:app", "app", "app.push.log"), ("line", "push:app", "Copying blobs")]
        assert (tmp_path / "logs/app.push.log").read_text(encoding="utf-8") == "Copying blobs\n"

    def test_sends_nothing_that_the_registry_has(self, tmp_path: Path, stub: Stub) -> None:
        stub.on(MANIFEST, manifest(IMAGE))
        engine, heard = Pushing(stub=stub), Heard()
        result = self.pushed(tmp_path, engine, stub.host, listener=heard)
        assert (result.status, result.reason) == (Status.REUSED, "the registry has it")
        assert (engine.pushed, heard.events) == ([], [])

    def test_replaces_another_image_of_that_name(self, tmp_path: Path, stub: Stub) -> None:
        stub.on(MANIFEST, manifest({**IMAGE, "config": {"digest": f"sha256:{'0' * 64}", "size": 7}}))
        engine = Pushing(stub=stub, digest=ARRIVED)
        assert self.pushed(tmp_path, engine, stub.host).status is Status.PUSHED
        assert len(engine.pushed) == 1

    def test_has_failed_where_something_else_is_there_afterwards(self, tmp_path: Path, stub: Stub) -> None:
        result = self.pushed(tmp_path, Pushing(stub=stub, digest="sha256:e0"), stub.host)
        assert result.status is Status.FAILED
        assert result.reason == (
            f"{stub.host}/kolla/app:1 was pushed as sha256:e0, and the registry has {ARRIVED}\n"
            "somebody else may have pushed the same name; push it again"
        )
        assert (result.log, result.tail, result.command) == (
            tmp_path / "logs/app.push.log",
            ("Copying blobs",),
            "",
        )

    def test_has_failed_where_nothing_is_there_afterwards(self, tmp_path: Path, stub: Stub) -> None:
        nothing = said(404, "MANIFEST_UNKNOWN", "manifest unknown")
        result = self.pushed(tmp_path, Pushing(stub=stub, arrives=nothing), stub.host)
        assert result.reason.partition("\n")[0].endswith("was pushed as sha256:d, and the registry has nothing")

    def test_is_not_tried_where_the_registry_refuses_to_answer(self, tmp_path: Path, stub: Stub) -> None:
        stub.on(MANIFEST, said(403, "DENIED", "not for you"))
        engine = Pushing(stub=stub)
        result = self.pushed(tmp_path, engine, stub.host)
        assert (result.status, engine.pushed) == (Status.FAILED, [])
        assert "not for you" in result.reason
        assert "app failed: " in (tmp_path / "logs/app.push.log").read_text(encoding="utf-8")

    def test_knows_an_image_that_the_store_lists_without_docker_io(self, tmp_path: Path) -> None:
        class Hub(Client):
            def published(self, reference: str, *, platform: str = "") -> Published:
                return Published(digest="sha256:d", media_type="", config="16", size=0)

        engine = FakeEngine()
        assert self.pushed(tmp_path, engine, "docker.io", registry=Hub()).status is Status.REUSED


class TestFailure:
    def test_of_a_command_is_explained_by_its_status_with_the_last_lines(self, tmp_path: Path) -> None:
        error = CommandError(["buildah", "build", "--secret=x"], 100, ["E: no"])
        lines = [f"line {n}" for n in range(30)]
        result = runner(workshop(tmp_path, FakeEngine(answer=failing(error, *lines))))(BUILD)
        assert (result.status, result.reason) == (Status.FAILED, "buildah answered with exit status 100")
        assert result.tail == tuple(lines[-15:])
        assert result.command == "kollage build '^app$'"
        assert result.log == tmp_path / "logs/app.log"

    def test_by_a_signal_names_the_signal(self, tmp_path: Path) -> None:
        engine = FakeEngine(answer=failing(CommandError(["buildah", "build"], -9, [])))
        assert runner(workshop(tmp_path, engine))(BUILD).reason == "buildah answered by ending on SIGKILL"

    def test_of_a_source_is_a_sentence_and_the_way_out(self, tmp_path: Path) -> None:
        def fetch(_pin: Pin) -> Path:
            raise SourceError("it is not there", hint="check the address")

        pins = {"app": {"app-archive": (Pin(name="app", type="url", identity="i", location="l"),)}}
        engine = FakeEngine()
        result = runner(workshop(tmp_path, engine, pins=pins, fetch=fetch))(BUILD)
        assert (result.status, result.reason) == (Status.FAILED, "it is not there\ncheck the address")
        assert engine.orders == []

    def test_is_told_at_the_end_of_the_log(self, tmp_path: Path) -> None:
        engine = FakeEngine(answer=failing(EngineError("it went away"), "STEP 1"))
        runner(workshop(tmp_path, engine))(BUILD)
        assert (tmp_path / "logs/app.log").read_text(encoding="utf-8") == "STEP 1\napp failed: it went away\n"

    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (CommandError(["buildah", "build"], 1, []), "tar: write error: No space left on device"),
            (OSError(28, "No space left on device"), "STEP 1"),
        ],
    )
    def test_for_want_of_space_is_named(self, tmp_path: Path, error: Exception, line: str) -> None:
        result = runner(workshop(tmp_path, FakeEngine(answer=failing(error, line))))(BUILD)
        assert result.reason == (
            "the disk is full: free space where the engine keeps its images and Kollage its cache, then repeat it"
        )

    def test_of_a_log_that_cannot_be_written_is_a_failure_of_the_step(self, tmp_path: Path) -> None:
        result = runner(workshop(tmp_path, FakeEngine(), logs=tmp_path / "nowhere"))(BUILD)
        assert result.status is Status.FAILED
        assert "No such file or directory" in result.reason

    def test_by_an_interrupt_is_cancelled(self, tmp_path: Path) -> None:
        result = runner(workshop(tmp_path, FakeEngine(answer=failing(Interrupted("interrupted")))))(BUILD)
        assert (result.status, result.reason) == (Status.CANCELLED, "interrupted")

    def test_of_kollage_itself_keeps_its_traceback(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            runner(workshop(tmp_path, FakeEngine(answer=failing(ZeroDivisionError()))))(BUILD)


def test_a_very_long_line_is_shown_with_its_beginning_and_its_end(tmp_path: Path) -> None:
    def fail(_order: BuildOrder, on_line: OnLine) -> None:
        on_line("STEP " + "x" * 2000 + " the cause")
        raise CommandError(["buildah"], 1, ())

    result = runner(workshop(tmp_path, FakeEngine(answer=fail)))(BUILD)
    assert result.tail[0].startswith("STEP xxx")
    assert result.tail[0].endswith("xxx the cause")
    assert len(result.tail[0]) < 310


class TestAFetch:
    STEP = replace(
        BUILD, id="fetch:app", decision=Decision(action=Action.FETCH, reason="not here yet: a"), lane=Lane.FETCH
    )
    PIN = Pin(name="a", type="url", identity="url:a", location="http://a")

    def test_fetches_every_source_of_its_image(self, tmp_path: Path) -> None:
        fetched: list[str] = []

        def fetch(pin: Pin) -> Path:
            fetched.append(pin.name)
            return tmp_path

        pins = {"app": {"app-archive": (self.PIN,), "plugins-archive": (replace(self.PIN, name="b"),)}, "other": {}}
        shop = workshop(tmp_path, FakeEngine(), fetch=fetch, pins=pins)
        assert runner(shop)(self.STEP).status is Status.FETCHED
        assert fetched == ["a", "b"]
        assert isinstance(shop.listener, Heard)
        assert shop.listener.events == [("begun", "fetch:app", "app", "")]

    def test_that_goes_wrong_leaves_it_to_the_build_which_tells(self, tmp_path: Path) -> None:
        def fetch(_pin: Pin) -> Path:
            raise SourceError("http://a is not there")

        shop = workshop(tmp_path, FakeEngine(), fetch=fetch, pins={"app": {"app-archive": (self.PIN,)}})
        ended = runner(shop)(self.STEP)
        assert (ended.status, ended.reason, ended.ok) == (
            Status.LEFT, "http://a is not there", True
        )  # fmt: skip
