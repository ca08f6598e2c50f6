"""A step is carried out as it was decided, and its end is a result, whatever happened."""

import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage.act import Workshop, runner, write_context
from kollage.bootstrap import Base
from kollage.engines import BuildOrder
from kollage.errors import EngineError, Interrupted, SourceError
from kollage.image import Image
from kollage.options import Options
from kollage.plan import Action, Decision, Step
from kollage.process import CommandError, OnLine
from kollage.render import ContextFile, Rendered
from kollage.results import Result, Status
from kollage.sources import Pin

IMAGE = Image(name="app", folder=Path("app"), description="An app", parent="base")
RENDERED = Rendered(
    image=IMAGE,
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


def test_a_context_has_the_same_modes_on_every_machine_and_nothing_of_before(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    for name in ("Dockerfile", "old"):
        (tmp_path / "context" / name).write_text("old", encoding="utf-8")
    write_context(RENDERED, tmp_path / "context")
    modes = {
        str(path.relative_to(tmp_path / "context")): oct(path.stat().st_mode & 0o777)
        for path in (tmp_path / "context").rglob("*")
        if path.is_file() and path.name != "Dockerfile"
    }
    assert modes == {"sub/start.sh": "0o755", "conf": "0o644"}


def test_a_very_long_line_is_shown_with_its_beginning_and_its_end(tmp_path: Path) -> None:
    def fail(_order: BuildOrder, on_line: OnLine) -> None:
        on_line("STEP " + "x" * 2000 + " the cause")
        raise CommandError(["buildah"], 1, ())

    result = runner(workshop(tmp_path, FakeEngine(answer=fail)))(BUILD)
    assert result.tail[0].startswith("STEP xxx")
    assert result.tail[0].endswith("xxx the cause")
    assert len(result.tail[0]) < 310
