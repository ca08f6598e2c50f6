"""A command's output, end and failure are told truly, and nothing that it started outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kollage import process
from kollage.errors import EngineError, ExitCode
from kollage.process import CommandError


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def lines_of(command: list[str]) -> list[str]:
    lines: list[str] = []
    assert process.run(command, on_line=lines.append) == ""
    return lines


def failure(command: list[str], timeout: float | None = None) -> CommandError:
    with pytest.raises(CommandError) as caught:
        process.run(command, timeout=timeout)
    return caught.value


def runs(pid: int) -> bool:
    """Whether a process still does something; one that has ended and was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def ends(pid: int) -> bool:
    """Whether a process ends; an order to end takes a moment to be carried out."""
    deadline = time.monotonic() + 30
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.005)
    return not runs(pid)


def marked(mark: str) -> list[int]:
    """The processes that have a text in their environment."""
    found: list[int] = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark.encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
    return found


class TestOutput:
    def test_it_is_returned_without_what_went_to_the_other_stream(self) -> None:
        assert process.run(["sh", "-c", "echo one; echo noise >&2; echo two"]) == "one\ntwo\n"

    def test_both_streams_are_handed_on_line_by_line_in_order(self) -> None:
        assert lines_of(["sh", "-c", "echo one; echo two >&2; echo; printf three"]) == ["one", "two", "", "three"]

    def test_a_line_is_handed_on_while_the_command_still_runs(self, tmp_path: Path) -> None:
        seen: list[str] = []

        def on_line(line: str) -> None:
            seen.append(line)
            (tmp_path / "go").touch()

        script = f"echo ready; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo done"
        process.run(["sh", "-c", script], on_line=on_line, timeout=60)
        assert seen == ["ready", "done"]

    def test_the_steps_of_a_progress_bar_are_lines(self) -> None:
        assert lines_of(["printf", r"10%%\r20%%\r\n"]) == ["10%", "20%"]

    def test_bytes_that_are_no_text_do_no_harm(self) -> None:
        assert process.run(["printf", r"a\377b"]) == "a\ufffdb"
        assert lines_of(["printf", r"a\377b"]) == ["a\ufffdb"]

    def test_it_is_read_as_utf_8_whatever_the_locale_is(self) -> None:
        script = "from kollage import process; assert process.run(['printf', r'\\303\\251']) == '\\u00e9'"
        environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        subprocess.run(python(script), env=environment, check=True)

    def test_there_is_nothing_to_read_on_its_input(self) -> None:
        script = "from kollage import process; assert process.run(['cat']) == ''"
        subprocess.run(python(script), input=b"typed by the user", check=True)

    def test_a_text_for_it_is_read_to_its_end(self) -> None:
        assert process.run(["cat"], stdin="one\ntwo") == "one\ntwo"
        lines: list[str] = []
        process.run(["cat"], stdin="one\ntwo", on_line=lines.append)
        assert lines == ["one", "two"]

    def test_a_text_that_nobody_reads_does_no_harm(self) -> None:
        for on_line in (None, lambda _line: None):
            process.run(["true"], stdin="word", on_line=on_line)

    def test_much_of_it_on_both_streams_is_no_deadlock(self) -> None:
        script = "import sys; [print('x' * 99, file=f) for _ in range(5000) for f in (sys.stdout, sys.stderr)]"
        assert len(process.run(python(script))) == 500_000


class TestSurroundings:
    def test_env_is_added_to_what_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BEFORE", "1")
        assert process.run(["sh", "-c", "echo $BEFORE$ADDED"], env={"ADDED": "2"}) == "12\n"

    def test_it_runs_in_the_folder_it_is_told(self, tmp_path: Path) -> None:
        assert process.run(["pwd", "-P"], cwd=tmp_path) == f"{tmp_path.resolve()}\n"

    def test_arguments_are_never_read_by_a_shell(self) -> None:
        assert process.run(["echo", "$HOME; echo 'x' && *"]) == "$HOME; echo 'x' && *\n"

    def test_it_has_a_process_group_of_its_own(self) -> None:
        pid, group = process.run(python("import os; print(os.getpid(), os.getpgid(0))")).split()
        assert pid == group != str(os.getpgid(0))


class TestFailure:
    def test_it_names_the_command_ready_to_paste_the_status_and_the_last_lines(self) -> None:
        error = failure(["sh", "-c", "for n in 1 2 3 4 5 6 7; do echo $n >&2; done; exit 3"])
        assert error.message == (
            "sh -c 'for n in 1 2 3 4 5 6 7; do echo $n >&2; done; exit 3' answered with exit status 3"
            "\n    3\n    4\n    5\n    6\n    7"
        )
        assert (error.command[:2], error.code, error.tail) == (("sh", "-c"), 3, tuple("1234567"))
        assert error.exit_code is ExitCode.FAILED

    def test_forty_lines_are_kept(self) -> None:
        command = ["sh", "-c", "seq 100 >&2; exit 1"]
        kept = tuple(str(number) for number in range(61, 101))
        assert failure(command).tail == kept
        with pytest.raises(CommandError) as caught:
            process.run(command, on_line=lambda _line: None)
        assert caught.value.tail == kept

    def test_where_only_the_output_says_something_that_is_kept(self) -> None:
        assert failure(["sh", "-c", "echo told; exit 1"]).tail == ("told",)

    def test_what_went_to_the_other_stream_says_more(self) -> None:
        assert failure(["sh", "-c", "echo told; echo error >&2; exit 1"]).tail == ("error",)

    def test_a_signal_is_called_by_its_name(self) -> None:
        error = failure(["sh", "-c", "kill -SEGV $$"])
        assert error.message == "sh -c 'kill -SEGV $$' answered by ending on SIGSEGV"

    def test_a_signal_without_a_name_is_called_by_its_number(self) -> None:
        error = failure(python("import os; os.kill(os.getpid(), 40)"))
        assert error.message.endswith("answered by ending on signal 40")
        assert error.code == -40

    def test_a_program_that_is_not_there_comes_with_the_way_out(self) -> None:
        with pytest.raises(EngineError) as caught:
            process.run(["no-such-program", "--version"])
        assert caught.value.message == "the program 'no-such-program' is not installed"
        assert caught.value.hint == "install the package that provides 'no-such-program'"

    @pytest.mark.parametrize(
        ("mode", "text", "why"), [(0o644, "#!/bin/sh\n", "Permission denied"), (0o755, "text", "Exec format error")]
    )
    def test_a_file_that_is_no_program_is_said_to_be_none(self, tmp_path: Path, mode: int, text: str, why: str) -> None:
        program = tmp_path / "program"
        program.write_text(text)
        program.chmod(mode)
        with pytest.raises(EngineError) as caught:
            process.run([str(program)])
        assert caught.value.message == f"the program '{program}' cannot be started: {why}"

    def test_a_missing_folder_is_not_taken_for_a_missing_program(self, tmp_path: Path) -> None:
        with pytest.raises(EngineError) as caught:
            process.run(["true"], cwd=tmp_path / "none")
        assert caught.value.message == f"'true' cannot be started in {tmp_path / 'none'}: there is no such folder"


class TestTimeout:
    def test_a_command_that_takes_longer_fails_and_the_message_says_so(self) -> None:
        error = failure(["sleep", "600"], timeout=0.05)
        assert (error.message, error.code) == ("sleep 600 took longer than 0.05 s", -15)

    def test_a_command_that_ends_well_when_it_is_asked_to_has_failed_all_the_same(self) -> None:
        error = failure(["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.01; done"], timeout=0.3)
        assert "took longer than 0.3 s" in error.message

    def test_a_command_that_is_quick_enough_is_left_alone(self) -> None:
        assert process.run(["echo", "quick"], timeout=600) == "quick\n"


class TestEnd:
    def test_what_a_command_leaves_running_ends_with_it(self) -> None:
        assert ends(int(process.run(["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"])))

    def test_what_a_command_started_ends_when_it_takes_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError):
            process.run(["sh", "-c", "sleep 600 & sleep 600"], env={"MARK": str(tmp_path)}, timeout=0.3)
        assert all(ends(pid) for pid in marked(f"MARK={tmp_path}"))

    def test_a_listener_that_fails_ends_the_command(self) -> None:
        pids: list[int] = []

        def on_line(line: str) -> None:
            pids.append(int(line))
            raise OSError("the log cannot be written")

        with pytest.raises(OSError, match="the log cannot be written"):
            process.run(["sh", "-c", "echo $$; exec sleep 600"], on_line=on_line)
        assert ends(pids[0])


class TestDetached:
    def test_it_outlives_who_started_it_and_has_a_session_of_its_own(self, tmp_path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from kollage import process;"
            "print(process.start_detached(['sleep', '600'], Path(sys.argv[1]), env={}));"
            "process.end_all()"
        )
        command = [*python(script), str(tmp_path / "log")]
        pid = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        try:
            assert os.getsid(pid) == pid
            assert runs(pid)
        finally:
            os.kill(pid, signal.SIGKILL)

    def test_its_words_are_in_a_log_for_the_user_alone_behind_those_of_before(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        for word in ("one", "two"):
            pid = process.start_detached(["/bin/sh", "-c", f"cat; echo {word}; echo error >&2"], log, env={})
            os.waitpid(pid, 0)
        assert log.read_text() == "one\nerror\ntwo\nerror\n"
        assert log.stat().st_mode & 0o777 == 0o600

    def test_it_has_the_environment_that_it_is_given(self, tmp_path: Path) -> None:
        pid = process.start_detached(["/usr/bin/env"], tmp_path / "log", env={"ONLY": "this"})
        os.waitpid(pid, 0)
        assert (tmp_path / "log").read_text() == "ONLY=this\n"

    def test_a_program_that_is_not_there_is_said_to_be_missing(self, tmp_path: Path) -> None:
        with pytest.raises(EngineError, match="'no-such-program' cannot be started: No such file or directory"):
            process.start_detached(["no-such-program"], tmp_path / "log", env={})


# What ends everything ends it for good: these have a process of their own.
INTERRUPTED = """
import sys, threading
from kollage import process
from kollage.errors import Interrupted

told, ready = [], threading.Semaphore(0)

def on_line(line):
    told.append(line)
    ready.release()

def work(script):
    try:
        process.run(["sh", "-c", script], on_line=on_line)
    except Interrupted as error:
        told.append(error.message)

threads = [threading.Thread(target=work, args=[script]) for script in sys.argv[1:]]
for thread in threads:
    thread.start()
for _ in threads:
    ready.acquire()
process.end_all()
for thread in threads:
    thread.join()
"""


def after_an_interrupt(text: str, *scripts: str) -> list[str]:
    """What a program prints that ended all commands while the shell scripts were running, each after one line."""
    program = [*python(INTERRUPTED + text), *scripts]
    return subprocess.run(program, check=True, capture_output=True, text=True, timeout=120).stdout.splitlines()


class TestInterrupt:
    def test_every_command_ends_with_all_it_started_and_says_interrupted(self) -> None:
        scripts = ["echo $$; exec sleep 600", "sleep 600 & echo $!; wait", "trap 'exit 0' TERM; echo $$; sleep 600"]
        told = after_an_interrupt("print(*told, sep='\\n')", *scripts)
        pids = [int(line) for line in told if line.isdigit()]
        assert len(pids) == len(scripts) == told.count("interrupted")
        assert all(ends(pid) for pid in pids)

    def test_a_command_that_ignores_the_request_is_ordered_to(self) -> None:
        stubborn = "trap '' TERM; echo $$; exec sleep 600"
        told = after_an_interrupt("print(*told, sep='\\n')", stubborn, stubborn)
        assert all(ends(int(line)) for line in told if line.isdigit())

    def test_no_command_is_started_afterwards_but_to_clean_up(self) -> None:
        text = """
try:
    process.run(["no-such-program"])  # or else it would be missed
except Interrupted as error:
    print(error.message, int(error.exit_code))
print(process.run(["echo", "cleaned up"], after_end=True), end="")
process.pause(600)
"""
        assert after_an_interrupt(text) == ["interrupted 130", "cleaned up"]


def test_meanwhile_something_waits_beside_the_block_and_gives_its_value() -> None:
    met = threading.Barrier(2, timeout=30)  # both come only where both are under way

    def work() -> int:
        met.wait()
        return 7

    with process.meanwhile(work) as value:
        met.wait()
        assert value() == 7
        assert value() == 7


def test_what_is_raised_meanwhile_is_raised_where_the_value_is_asked_for() -> None:
    with process.meanwhile(lambda: process.run(["false"])) as value, pytest.raises(process.CommandError):
        value()


def test_leaving_the_block_waits_for_what_goes_on_beside(tmp_path: Path) -> None:
    def work() -> None:
        process.run(["sh", "-c", f"sleep 0.2; touch {tmp_path}/ended"])

    with pytest.raises(ZeroDivisionError), process.meanwhile(work):
        raise ZeroDivisionError
    assert (tmp_path / "ended").exists()
