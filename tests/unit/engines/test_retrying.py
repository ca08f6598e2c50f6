"""What may pass by itself is tried again, with growing pauses; what does not is told at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from kollage.engines import BuildOrder, Local
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened
from kollage.engines.retrying import Retrying, transient
from kollage.errors import EngineError, Interrupted, KollageError
from kollage.process import CommandError, OnLine

ORDER = BuildOrder(context=Path("ctx"), dockerfile=Path("ctx/Dockerfile"), references=("kolla/cron:1",))
PASSES = CommandError(["buildah", "build"], 1, ["curl: (6) Could not resolve host: example.org"])
STAYS = CommandError(["buildah", "build"], 1, ["E: Unable to locate package nova"])


class Scripted:
    """An engine that answers each call with the next of its lines: an error, or else with success."""

    name = "scripted"

    def __init__(self, *errors: KollageError) -> None:
        self.errors = list(errors)
        self.calls: list[str] = []

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        if self.errors:
            raise self.errors.pop(0)

    def version(self) -> str:
        self._answer("version")
        return "1"

    def images(self, label: str = "") -> tuple[Local, ...]:
        self._answer(f"images {label}")
        return (Local(id="01", references=()),)

    def free_bytes(self) -> int:
        self._answer("free_bytes")
        return 7

    def unfinished(self) -> Mapping[str, str]:
        self._answer("unfinished")
        return {"c1": "base:1"}

    def working_for(self, run: Path) -> frozenset[str] | None:
        self._answer(f"working_for {run}")
        return frozenset({"c1"})

    def discard(self, containers: Iterable[str]) -> None:
        self._answer(f"discard {' '.join(containers)}")

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        on_line("building")
        self._answer(f"build {order.references[0]}")
        return "built"

    def command(self, order: BuildOrder) -> str:
        self._answer("command")
        return "scripted build"

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        on_line("pulling")
        self._answer(f"pull {reference}")
        return "pulled"

    def tag(self, image: str, reference: str) -> None:
        self._answer(f"tag {image} {reference}")

    def about(self) -> Mapping[str, str]:
        self._answer("about")
        return {"version": "1"}

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        on_line("pushing")
        self._answer(f"push {reference} {plain}")
        return "sha256:d"

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        on_line("pushing")
        self._answer(f"push index {reference} {' '.join(members)} {plain}")

    def remove(self, images: Iterable[str]) -> None:
        self._answer(f"remove {' '.join(images)}")

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        raise NotImplementedError

    def containers(self, *, systemd: bool = False) -> Containers:
        self._answer("containers")
        return Containers(("podman",))

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        on_line("importing")
        self._answer(f"import {archive} {reference} {dict(labels)} {platform}")
        return "imported"


def build(engine: Retrying) -> tuple[str, list[str]]:
    lines: list[str] = []
    return engine.build(ORDER, lines.append), lines


def test_what_passes_is_tried_again_and_the_log_says_so() -> None:
    pauses: list[float] = []
    engine = Scripted(PASSES, PASSES)
    assert build(Retrying(engine, attempts=4, pause=pauses.append)) == (
        "built",
        [
            "building",
            "that may pass: trying again in 2 s (1 of 3)",
            "building",
            "that may pass: trying again in 4 s (2 of 3)",
            "building",
        ],
    )
    assert pauses == [2.0, 4.0]


def test_after_the_last_attempt_the_failure_is_told() -> None:
    engine = Scripted(*[PASSES] * 9)
    with pytest.raises(CommandError) as caught:
        build(Retrying(engine, attempts=3, pause=lambda _seconds: None))
    assert caught.value is PASSES
    assert engine.calls == ["build kolla/cron:1"] * 3


@pytest.mark.parametrize("attempts", [0, 1])
def test_without_retries_there_is_one_attempt(attempts: int) -> None:
    engine = Scripted(PASSES)
    with pytest.raises(CommandError):
        build(Retrying(engine, attempts=attempts, pause=lambda _seconds: None))
    assert engine.calls == ["build kolla/cron:1"]


@pytest.mark.parametrize("error", [STAYS, EngineError("buildah is not installed"), Interrupted("interrupted")])
def test_what_does_not_pass_is_told_at_once(error: KollageError) -> None:
    engine = Scripted(error)
    with pytest.raises(type(error)) as caught:
        build(Retrying(engine, attempts=4, pause=lambda _seconds: None))
    assert caught.value is error
    assert engine.calls == ["build kolla/cron:1"]


def test_a_pull_is_tried_again_too() -> None:
    engine = Scripted(PASSES)
    assert Retrying(engine, attempts=2, pause=lambda _seconds: None).pull("base:1", lambda _line: None) == "pulled"
    assert engine.calls == ["pull base:1", "pull base:1"]


def test_so_is_a_push() -> None:
    engine = Scripted(PASSES)
    retrying = Retrying(engine, attempts=2, pause=lambda _seconds: None)
    assert retrying.push("cron:1", lambda _line: None, plain=True) == "sha256:d"
    assert engine.calls == ["push cron:1 True", "push cron:1 True"]


@pytest.mark.parametrize(
    "line",
    [
        "unexpected status: 401 Unauthorized; the server answered 503 before",
        "received unexpected HTTP status: 403 Forbidden, error",
        "denied: requested access to the resource is denied",
        "unauthorized: authentication required",
        "no basic auth credentials",
    ],
)
@pytest.mark.parametrize("verb", ["push", "pull"])
def test_a_refusal_is_told_at_once_whatever_else_went_wrong(verb: str, line: str) -> None:
    error = CommandError(["buildah", verb], 1, ["connection reset by peer", line])
    engine = Scripted(error)
    retrying = Retrying(engine, attempts=4, pause=lambda _seconds: None)
    with pytest.raises(CommandError) as caught:
        getattr(retrying, verb)("cron:1", lambda _line: None)
    assert caught.value is error
    assert len(engine.calls) == 1


def test_a_build_in_which_something_was_denied_is_tried_again_if_the_network_faltered() -> None:
    engine = Scripted(CommandError(["buildah"], 1, ["mkdir: Permission denied", "connection reset by peer"]))
    assert build(Retrying(engine, attempts=2, pause=lambda _seconds: None))[0] == "built"


@pytest.mark.parametrize(
    ("ask", "call", "answer"),
    [
        (lambda engine: engine.name, "", "scripted"),
        (lambda engine: engine.version(), "version", "1"),
        (lambda engine: engine.about(), "about", {"version": "1"}),
        (lambda engine: engine.images("a=b"), "images a=b", (Local(id="01", references=()),)),
        (lambda engine: engine.free_bytes(), "free_bytes", 7),
        (lambda engine: engine.unfinished(), "unfinished", {"c1": "base:1"}),
        (lambda engine: engine.working_for(Path("run-1")), "working_for run-1", frozenset({"c1"})),
        (lambda engine: engine.discard(["c1", "c2"]), "discard c1 c2", None),
        (lambda engine: engine.command(ORDER), "command", "scripted build"),
        (lambda engine: engine.tag("01", "cron:1"), "tag 01 cron:1", None),
        (lambda engine: engine.remove(["01", "cron:1"]), "remove 01 cron:1", None),
        (lambda engine: engine.containers(), "containers", Containers(("podman",))),
        (
            lambda engine: engine.import_root(Path("a"), "b", {"c": "d"}, len, platform="p"),
            "import a b {'c': 'd'} p",
            "imported",
        ),
    ],
)
def test_everything_else_is_asked_of_the_engine_once(
    ask: Callable[[Retrying], object], call: str, answer: object
) -> None:
    engine = Scripted()
    assert ask(Retrying(engine, attempts=3)) == answer
    assert engine.calls == [call] * bool(call)


@pytest.mark.parametrize(
    "line",
    [
        "Temporary failure in name resolution",
        "curl: (6) Could not resolve host: deb.debian.org",
        "read: connection reset by peer",
        "dial tcp 192.0.2.1:443: connect: connection refused",
        "E: Failed to fetch: Connection timed out",
        "ERROR: operation timed out",
        "i/o timeout",
        "net/http: TLS handshake timeout",
        "unexpected EOF",
        "E: Failed to fetch Hash Sum mismatch",
        "received unexpected HTTP status: 503 Service Unavailable",
        "HTTP 429: Too Many Requests (server)",
        "toomanyrequests: You have reached your pull rate limit.",
        "The requested URL returned 502 Bad Gateway",
    ],
)
def test_a_network_that_falters_is_something_that_passes(line: str) -> None:
    assert transient(("first", line, "last"))


@pytest.mark.parametrize(
    "line",
    [
        "E: Unable to locate package nova",
        "The requested URL returned error: 404",
        "error: command 'gcc' failed with exit code 1",
        "Setting up libfoo (1.500-2)",
        "500 packages installed",
        "no space left on device",
        "",
    ],
)
def test_a_mistake_is_not(line: str) -> None:
    assert not transient((line,))


def test_silence_is_not_either() -> None:
    assert not transient(())
