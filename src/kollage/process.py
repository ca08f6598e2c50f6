"""Run a command: the only user of subprocess.

A command is a list, never a shell line. It gets its own process group, so that an interrupt ends it with everything
it started; its output is handed on line by line while it runs.
"""

import os
import shlex
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from kollage.errors import BuildError, EngineError, Interrupted

OnLine = Callable[[str], None]
Value = TypeVar("Value")

_TAIL = 40  # lines kept for the message of a failure
_GRACE = 5.0  # seconds between the request to end and the order to
_running: dict[int, "subprocess.Popen[str]"] = {}
_guard = threading.Lock()
_ended = threading.Event()


class CommandError(BuildError):
    """A command answered with something else than zero, or not in time; carries its last lines."""

    def __init__(self, command: Sequence[str], code: int, tail: Sequence[str], *, limit: float | None = None) -> None:
        what = f"took longer than {limit:g} s" if limit else f"answered {_meaning(code)}"
        super().__init__(f"{shlex.join(command)} {what}" + "".join(f"\n    {line}" for line in tail[-5:]))
        self.command = tuple(command)
        self.code = code
        self.tail = tuple(tail)


def run(
    command: Sequence[str],
    *,
    on_line: OnLine | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    stdin: str | None = None,
    after_end: bool = False,
) -> str:
    """Run a command to its end and return its standard output.

    With `on_line`, both streams go there line by line and the return value is empty. `env` is added to this
    process's environment; `stdin` is a short text for the command to read. Raises `EngineError` when the program is
    not there, `CommandError` when it fails or takes longer than `timeout` seconds, and `Interrupted` when `end_all`
    was called, unless the command belongs to what is cleaned up afterwards (`after_end`).
    """
    if _ended.is_set() and not after_end:
        raise Interrupted("interrupted")
    feed = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    child = _start(command, env=env, cwd=cwd, feed=feed, merged=on_line is not None, after_end=after_end)
    try:
        with _limited(child, timeout) as late:
            output, tail = _follow(child, on_line, stdin or "")
            code = child.wait()
    finally:
        _end(child)
        with _guard:
            _running.pop(child.pid, None)
    if _ended.is_set() and not after_end:
        raise Interrupted("interrupted")
    if code or late.is_set():  # a command that is asked to end may do so with zero
        raise CommandError(command, code, tail, limit=timeout if late.is_set() else None)
    return output


def start_detached(command: Sequence[str], log: Path, *, env: Mapping[str, str]) -> int:
    """Start a program that outlives this one, and give its process id.

    It has a session of its own, `env` for its whole environment, nothing to read, and a log that only the user may
    read. Neither `end_all` nor an interrupt reaches it. Raises `EngineError` when it cannot be started.
    """
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    ignored = [signal.SIGPIPE]  # by Python, not by what Python starts
    try:  # not Popen, which wants to wait for what it started
        return os.posix_spawnp(command[0], list(command), env, file_actions=files, setsid=True, setsigdef=ignored)
    except OSError as error:
        raise EngineError(f"the program '{command[0]}' cannot be started: {error.strerror}") from error


@contextmanager
def meanwhile(work: Callable[[], Value]) -> Iterator[Callable[[], Value]]:
    """Let something wait for its commands while the block does something else.

    What the block gets waits for the work's value, or raises what the work raised. Leaving the block waits too.
    """
    values: list[Value] = []
    errors: list[BaseException] = []

    def act() -> None:
        try:
            values.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the value is asked for
            errors.append(error)

    def value() -> Value:
        thread.join()
        if errors:
            raise errors[0]
        return values[0]

    thread = threading.Thread(target=act, name="meanwhile")
    thread.start()
    try:
        yield value
    finally:
        thread.join()


def end_all() -> None:
    """End every command that runs, and refuse new ones: the answer to an interrupt."""
    _ended.set()
    with _guard:
        children = list(_running.values())
    _end(*children)


def heed() -> None:
    """Raise `Interrupted` where `end_all` was called: for what takes long and starts no command."""
    if _ended.is_set():
        raise Interrupted("interrupted")


def pause(seconds: float) -> None:
    """Wait, but not longer than until an interrupt."""
    _ended.wait(seconds)


def _start(
    command: Sequence[str], *, env: Mapping[str, str] | None, cwd: Path | None, feed: int, merged: bool, after_end: bool
) -> "subprocess.Popen[str]":
    try:
        child = subprocess.Popen(  # noqa: S603 - a list, never a shell
            list(command),
            stdin=feed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if cwd and not cwd.is_dir():
            raise EngineError(f"'{command[0]}' cannot be started in {cwd}: there is no such folder") from error
        raise EngineError(
            f"the program '{command[0]}' is not installed",
            hint=f"install the package that provides '{command[0]}'",
        ) from error
    except OSError as error:
        raise EngineError(f"the program '{command[0]}' cannot be started: {error.strerror}") from error
    with _guard:
        _running[child.pid] = child
    if _ended.is_set() and not after_end:  # an interrupt came between the first look and the registration
        _end(child)
    return child


def _follow(child: "subprocess.Popen[str]", on_line: OnLine | None, stdin: str) -> tuple[str, list[str]]:
    if on_line is None:
        output, errors = child.communicate(stdin if child.stdin else None)
        return output, errors.splitlines()[-_TAIL:] or output.splitlines()[-_TAIL:]
    if child.stdin:
        with suppress(BrokenPipeError), child.stdin as pipe:  # whoever does not read it need not
            pipe.write(stdin)
    tail: deque[str] = deque(maxlen=_TAIL)
    with child.stdout or nullcontext(()) as lines:
        for line in lines:
            tail.append(line.rstrip("\n"))
            on_line(line.rstrip("\n"))
    return "", list(tail)


@contextmanager
def _limited(child: "subprocess.Popen[str]", seconds: float | None) -> Iterator[threading.Event]:
    """End a command that takes longer; the event says whether it came to that."""
    late = threading.Event()

    def end() -> None:
        late.set()
        _end(child)

    timer = threading.Timer(seconds or 0, end)
    try:
        if seconds:
            timer.start()  # an interrupt during it must not leave a timer that the program waits for at its end
        yield late
    finally:
        timer.cancel()


def _end(*children: "subprocess.Popen[str]") -> None:
    """End commands and their whole groups, kindly first; all share one time of grace."""
    asked = [child for child in children if child.poll() is None]
    for child in asked:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    for child in asked:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        _signal(child, signal.SIGKILL)


def _signal(child: "subprocess.Popen[str]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _meaning(code: int) -> str:
    if code >= 0:
        return f"with exit status {code}"
    with suppress(ValueError):
        return f"by ending on {signal.Signals(-code).name}"
    return f"by ending on signal {-code}"
