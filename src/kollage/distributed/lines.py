"""What steps print, on its way from a worker to whoever follows: in batches, each saying how many came before."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kollage.report.events import Listener
from kollage.results import Result

TOPIC = "kollage"  # of Dask's events
_MOST = 500  # lines in one message
_LONGEST = 2000  # characters of a line that travel


class Sending:
    """A listener that keeps what it hears of one worker's steps, until `batches` takes it. Any thread may tell it."""

    def __init__(self) -> None:
        self._heard: deque[tuple[str, str]] = deque()
        self._sent: dict[str, int] = {}

    def for_step(self, key: str) -> "Listener":
        """The listener of one step."""
        return _OfStep(key, self._heard)

    def say(self, key: str, text: str) -> None:
        """Add a line to a step's output."""
        self._heard.append((key, text[:_LONGEST]))

    def ended(self, key: str) -> None:
        """Forget how much of a step was sent."""
        self._sent.pop(key, None)

    def batches(self) -> Iterator[Mapping[str, Any]]:
        """What was heard since the last time, by step."""
        by_step: dict[str, list[str]] = {}
        for _ in range(len(self._heard)):
            key, text = self._heard.popleft()
            by_step.setdefault(key, []).append(text)
        for key, lines in by_step.items():
            for start in range(0, len(lines), _MOST):
                part = lines[start : start + _MOST]
                yield {"key": key, "from": self._sent.get(key, 0), "lines": part}
                self._sent[key] = self._sent.get(key, 0) + len(part)


class _OfStep:
    """A listener of one step, whatever the step calls itself."""

    def __init__(self, key: str, heard: deque[tuple[str, str]]) -> None:
        self._key = key
        self._heard = heard

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Leave it: who follows knows when the worker took it up."""

    def line(self, step: str, text: str) -> None:  # noqa: ARG002 - see the class
        """Keep it."""
        self._heard.append((self._key, text[:_LONGEST]))

    def ended(self, result: Result) -> None:
        """Leave it: results go their own way."""

    def closed(self) -> None:
        """Leave it."""


class Following:
    """Writes what comes from workers into the logs of this run, and passes it on."""

    def __init__(self, listener: Listener, logs: Mapping[str, tuple[str, str, Path]]) -> None:
        """`logs` are step, image and file by Dask's key."""
        self._listener = listener
        self._logs = logs
        self._lines: dict[str, int] = {}

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take one message of a worker; what is of other runs is left."""
        key = message.get("key", "")
        if key not in self._logs:
            return
        step, image, path = self._logs[key]
        if message.get("host"):
            self._begun(key, step, image, path, str(message["host"]))
        lines = [str(line) for line in message.get("lines", ())]
        lost = int(message.get("from", 0)) - self._lines.get(key, 0)
        if lost > 0 and lines:
            lines.insert(0, f"({lost} lines were lost on the way)")
        self._lines[key] = int(message.get("from", 0)) + len(message.get("lines", ()))
        self._write(path, lines)
        for line in lines:
            self._listener.line(step, line)

    def _begun(self, key: str, step: str, image: str, path: Path, host: str) -> None:
        self._lines[key] = 0
        self._listener.begun(step, image, path)
        self._write(path, [f"on {host}"])
        self._listener.line(step, f"on {host}")

    @staticmethod
    def _write(path: Path, lines: list[str]) -> None:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{line}\n" for line in lines)


Send = Callable[[Mapping[str, Any]], None]
