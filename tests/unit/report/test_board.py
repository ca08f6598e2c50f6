"""The board on a terminal: what it shows, and that it leaves only what should stay."""

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from kollage.report.board import Board, shown
from kollage.results import Result, Status


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def built(image: str) -> Result:
    return Result(step=f"build:{image}", image=image, status=Status.BUILT, seconds=41, size=402_000_000)


def failed(image: str) -> Result:
    return Result(step=f"build:{image}", image=image, status=Status.FAILED, seconds=3)


def look(board: Board, width: int = 80, height: int = 24) -> list[str]:
    """The board's lines on a terminal without colours."""
    board.news()
    stream = StringIO()
    Console(file=stream, width=width, color_system=None, force_terminal=False).print(board.look(width, height))
    return stream.getvalue().splitlines()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(total=9, clock=clock)


@pytest.fixture
def busy(board: Board, clock: Clock) -> Board:
    """Two steps run, three have ended."""
    board.begun("bootstrap:base", "base", None)
    clock.now = 2.0
    board.begun("build:prometheus-elasticsearch-exporter", "prometheus-elasticsearch-exporter", Path("a.log"))
    board.line("build:prometheus-elasticsearch-exporter", "STEP 4/9: RUN apt-get -y install prometheus")
    for result in (built("cron"), failed("nova"), built("keystone")):
        board.ended(result)
    clock.now = 75.0
    return board


# --- what it shows ---


def test_a_row_says_image_action_time_and_the_current_line(busy: Board) -> None:
    assert look(busy, 120) == [
        "2 running  4 waiting  2 done  1 failed  1m15s",
        "base                               bootstrap   1m15s  ",
        "prometheus-elasticsearch-exporter  build       1m13s  4/9 RUN apt-get -y install prometheus",
    ]


def test_on_sixty_columns_every_row_stays_on_its_line(busy: Board) -> None:
    assert look(busy, 60) == [
        "2 running  4 waiting  2 done  1 failed  1m15s",
        "base                  bootstrap   1m15s  ",
        "prometheus-…exporter  build       1m13s  4/9 RUN apt-get -…",
    ]


def test_rows_without_room_are_counted(board: Board) -> None:
    for number in range(8):
        board.begun(f"build:{number}", f"image-{number}", None)
    assert look(board, height=6) == [
        "8 running  1 waiting  0 done  0s",
        "image-0  build      0s  ",
        "image-1  build      0s  ",
        "image-2  build      0s  ",
        "and 5 more",
    ]


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (["STEP 4/9: RUN make"], "4/9 RUN make"),
        (["STEP 4/9: RUN make", "gcc -c a.c"], "4/9 gcc -c a.c"),
        (["STEP 4/9: RUN make", "gcc", "STEP 5/9: USER 1"], "5/9 USER 1"),
        (["STEP 4/9: RUN make", "   "], "4/9 RUN make"),
        (["[1/2] STEP 4/9: RUN make"], "4/9 RUN make"),
        (["Step 4/9 : RUN make"], "4/9 RUN make"),
        (["#8 [4/9] RUN make"], "4/9 RUN make"),
        (["#8 [final 4/9] RUN make", "#8 12.34 gcc -c a.c"], "4/9 gcc -c a.c"),
        (["#!/bin/sh"], "#!/bin/sh"),
        (["downloading"], "downloading"),
    ],
)
def test_the_number_of_the_step_stays_in_front_of_what_it_prints(board: Board, lines: list[str], row: str) -> None:
    board.begun("build:a", "a", None)
    for line in lines:
        board.line("build:a", line)
    assert look(board)[1] == f"a  build      0s  {row}"


def test_what_ended_goes_above_the_board_once(busy: Board) -> None:
    assert [text.plain for text in busy.news()] == [
        "cron: built in 41s, 402 MB",
        "nova: failed after 3s",
        "keystone: built in 41s, 402 MB",
    ]
    assert busy.news() == []


def test_with_debug_lines_go_above_the_board_too(clock: Clock) -> None:
    board = Board(total=1, clock=clock, debug=True)
    board.begun("build:a", "a", None)
    board.line("build:a", "one \x1b[1mtwo")
    board.ended(built("a"))
    board.line("build:a", "late")
    assert [text.plain for text in board.news()] == [
        "a | one two",
        "a: built in 41s, 402 MB",
        "build:a | late",
    ]


@pytest.mark.parametrize("width", [20, 60, 200])
@given(text=st.text() | st.text(alphabet="\x1b[]漢e\u0301🧑\u200d\t\rm1;"))
def test_no_line_of_a_log_leaves_its_row_or_steers_the_terminal(width: int, text: str) -> None:
    board = Board(total=1, clock=Clock(), debug=True)
    board.begun("build:a", "a", None)
    board.line("build:a", text)
    assert all(line.plain.isprintable() for line in board.news())
    lines = look(board, width)
    assert len(lines) == 2
    assert all(line.isprintable() and cell_len(line) < width for line in lines)


def test_several_threads_may_tell_it_at_once(board: Board) -> None:
    board.begun("build:last", "last", None)
    with ThreadPoolExecutor(2) as pool:
        for number in range(500):
            pool.submit(board.line, "build:last", f"line {number}")
            pool.submit(board.ended, built(f"image-{number}"))
    assert sorted(text.plain for text in board.news()) == sorted(
        f"image-{number}: built in 41s, 402 MB" for number in range(500)
    )
    assert look(board)[0] == "1 running  0 waiting  500 done  0s"


# --- on a terminal ---


def screen(output: str) -> list[str]:
    """What a terminal shows after this output: only what the board is meant to use is understood."""
    rows, row, column = [""], 0, 0
    for found in re.finditer(r"\x1b\[(\??[\d;]*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)", output):
        number, command, home, down, text = found.groups()
        if command == "A":
            row -= int(number)
        elif command == "K":
            assert number == "2"
            rows[row] = ""
        elif home:
            column = 0
        elif down:
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif text:
            rows[row] = rows[row][:column].ljust(column) + text + rows[row][column + len(text) :]
            column += len(text)
        else:
            assert command in {"m", "h", "l"}, f"the board is not meant to say {found[0]!r}"
    return "\n".join(line.rstrip() for line in rows).rstrip().split("\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", "COLUMNS": "60", "LINES": "12"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("terminal")
def test_afterwards_only_what_ended_is_left(clock: Clock) -> None:
    stream = StringIO()
    with shown(total=3, stream=stream, clock=clock) as board:
        board.begun("build:a", "a", None)
        board.ended(built("b"))
        board.closed()
    assert "1 running" in stream.getvalue()
    assert screen(stream.getvalue()) == ["b: built in 41s, 402 MB"]
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


def interrupted(stream: StringIO, clock: Clock) -> None:
    with shown(total=3, stream=stream, clock=clock) as board:
        board.begun("build:a", "a", None)
        raise KeyboardInterrupt


@pytest.mark.usefixtures("terminal")
def test_an_interrupt_leaves_the_terminal_as_it_was(clock: Clock) -> None:
    stream = StringIO()
    with pytest.raises(KeyboardInterrupt):
        interrupted(stream, clock)
    assert screen(stream.getvalue()) == [""]
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


@pytest.mark.usefixtures("terminal")
def test_no_color_is_honoured(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = StringIO()
    with shown(total=1, stream=stream, clock=clock) as board:
        board.ended(failed("a"))
    assert not re.search(r"\x1b\[[\d;]*3\d", stream.getvalue())


CHILD = """
import sys
from kollage import report
from kollage.options import Options
from kollage.results import Result, Status
with report.listener(Options(), total=2, stream=sys.stdout, terminal=None) as told:
    told.begun("build:a", "a", None)
    told.line("build:a", "STEP 1/2: FROM x" + chr(27) + "[2J")
    sys.stdin.readline()
    told.ended(Result(step="build:a", image="a", status=Status.BUILT, seconds=4))
    sys.stdin.readline()
    print("a warning of a library")
    told.begun("build:b", "b", None)
    sys.stdin.readline()
    told.ended(Result(step="build:b", image="b", status=Status.BUILT, seconds=5))
print("the end")
"""


@pytest.fixture
def pseudo_terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (12, 60))
    yield ours, theirs
    os.close(ours)


def read_until(descriptor: int, wanted: str, output: str = "") -> str:
    """Read until the text has come; the end of the other side counts as well."""
    while wanted not in output:
        try:
            output += os.read(descriptor, 4096).decode()
        except OSError:  # Linux says so when the other side is closed
            break
    return output


def test_a_real_terminal_shows_the_board_and_then_only_the_lines(
    pseudo_terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pseudo_terminal
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    environment = {**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=environment
    ) as child:
        os.close(theirs)
        assert child.stdin is not None
        output = read_until(ours, "1/2")
        first = [re.sub(r"\d+s$", "Ns", line) for line in screen(output[: output.index("1/2")])]
        assert first == ["1 running  1 waiting  0 done  Ns", "a  build      Ns"]
        for wanted in ("a: built in 4s", "b  build", "never said"):
            child.stdin.write(b"go on\n")
            child.stdin.flush()
            output = read_until(ours, wanted, output)
    assert screen(output) == [
        "a: built in 4s",
        "a warning of a library",
        "b: built in 5s",
        "the end",
    ]
    assert "\x1b[2J" not in output
