from pathlib import Path

from kollage.distributed.lines import Following, Sending
from kollage.results import Result


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def begun(self, step: str, image: str, log: Path | None) -> None:
        self.events.append((step, f"begun {image}"))

    def line(self, step: str, text: str) -> None:
        self.events.append((step, text))

    def ended(self, result: Result) -> None:
        raise AssertionError("results go their own way")

    def closed(self) -> None:
        raise AssertionError("nobody closes it")


def following(tmp_path: Path) -> tuple[Following, Heard, Path]:
    heard, log = Heard(), tmp_path / "app.log"
    return Following(heard, {"build-1f": ("build:app", "app", log)}), heard, log


def test_lines_go_in_batches_that_say_how_many_came_before() -> None:
    sending = Sending()
    listener = sending.for_step("k")
    listener.line("build:app", "one")
    listener.line("build:app", "two")
    assert list(sending.batches()) == [{"key": "k", "from": 0, "lines": ["one", "two"]}]
    listener.line("build:app", "three")
    assert list(sending.batches()) == [{"key": "k", "from": 2, "lines": ["three"]}]
    assert list(sending.batches()) == []


def test_a_flood_goes_in_several_messages() -> None:
    sending = Sending()
    for number in range(1200):
        sending.say("k", str(number))
    batches = list(sending.batches())
    assert [len(batch["lines"]) for batch in batches] == [500, 500, 200]
    assert [batch["from"] for batch in batches] == [0, 500, 1000]


def test_what_comes_is_written_and_passed_on_with_the_host(tmp_path: Path) -> None:
    follows, heard, log = following(tmp_path)
    follows.hear({"key": "build-1f", "host": "w1"})
    follows.hear({"key": "build-1f", "from": 0, "lines": ["one", "two"]})
    assert log.read_text() == "on w1\none\ntwo\n"
    assert heard.events == [("build:app", text) for text in ("begun app", "on w1", "one", "two")]


def test_lines_that_were_lost_are_told(tmp_path: Path) -> None:
    follows, _, log = following(tmp_path)
    follows.hear({"key": "build-1f", "host": "w1"})
    follows.hear({"key": "build-1f", "from": 7, "lines": ["eight"]})
    assert log.read_text() == "on w1\n(7 lines were lost on the way)\neight\n"


def test_a_step_that_is_taken_up_again_begins_anew(tmp_path: Path) -> None:
    follows, _, log = following(tmp_path)
    for host in ("w1", "w2"):
        follows.hear({"key": "build-1f", "host": host})
        follows.hear({"key": "build-1f", "from": 0, "lines": ["one"]})
    assert log.read_text() == "on w1\none\non w2\none\n"


def test_what_is_of_other_runs_is_left(tmp_path: Path) -> None:
    follows, heard, log = following(tmp_path)
    follows.hear({"key": "build-2f", "host": "w1", "lines": ["x"]})
    follows.hear({})
    assert heard.events == []
    assert not log.exists()
