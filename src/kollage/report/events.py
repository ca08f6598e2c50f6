"""What happens while a plan runs, as values; who listens to it; and how each event reads in one line.

The executor tells a `Listener`, from several threads at once. What a build prints is foreign text: `clean`
takes from it everything that a terminal would obey instead of showing.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kollage.results import Result, Status

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"  # titles, links
    r"|\x1b[ -/]*[0-~]"  # everything else of two characters or more
)
_BEFORE = {"push": "pushed before", "verify": "verified before"}
_DONE = {"bootstrap": "bootstrapped", "verify": "verified", "push": "pushed"}
_DOING = {
    "build": "building",
    "bootstrap": "bootstrapping",
    "verify": "verifying",
    "push": "pushing",
    "fetch": "fetching",
}
# those whose name says all, whatever step they are of
_PLAIN = {Status.PULLED, Status.PUSHED, Status.SKIPPED, Status.VERIFIED, Status.STARTED, Status.FETCHED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A step was taken up."""

    step: str
    image: str
    log: Path | None = None  # where its output goes
    at: float = 0.0  # on the listener's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A running step printed a line."""

    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A step ended, whether or not it had begun."""

    result: Result


Event = Begun | Line | Ended


class Listener(Protocol):
    """Hears what happens; every call returns at once and may come from any thread."""

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Hear that a step was taken up, and where its output goes."""

    def line(self, step: str, text: str) -> None:
        """Hear a line that a running step printed."""

    def ended(self, result: Result) -> None:
        """Hear how a step ended; one that was reused or blocked ends without having begun."""

    def closed(self) -> None:
        """Hear that nothing follows; may be said twice."""


def action(step: str) -> str:
    """Return what a step does: `build` of `build:keystone`."""
    return step.partition(":")[0]


def is_ahead(result: Result) -> bool:
    """Whether a step only did another one a favour, which tells of it itself: sources that were fetched ahead."""
    return action(result.step) == "fetch" and result.ok


def outcome(result: Result) -> str:
    """Say how a step ended in a word or two: `built`, `failed`, `push failed`."""
    kind = action(result.step)
    if result.status is Status.BUILT:
        return _DONE.get(kind, "built")
    if result.status is Status.REUSED and kind in _BEFORE:
        return _BEFORE[kind]
    if result.status in _PLAIN:
        return result.status.value
    return result.status.value if kind == "build" else f"{kind} {result.status.value}"


def begun_text(event: Begun) -> str:
    """Say that a step was taken up: `keystone: building (log: logs/keystone.log)`."""
    kind = action(event.step)
    log = f" (log: {event.log})" if event.log else ""
    return clean(f"{event.image}: {_DOING.get(kind, kind)}{log}")


def ended_text(result: Result) -> str:
    """Say how a step ended: `keystone: built in 41s, 402 MB`."""
    return clean(f"{result.image}: {outcome(result)}{_circumstances(result)}")


def _circumstances(result: Result) -> str:
    match result.status:
        case Status.BUILT | Status.PULLED | Status.PUSHED | Status.VERIFIED | Status.STARTED | Status.FETCHED:
            return f" in {duration(result.seconds)}" + (f", {size(result.size)}" if result.size else "")
        case Status.FAILED:
            return after(result)
        case Status.CANCELLED:
            return f" after {duration(result.seconds)}" if result.seconds else ""
        case Status.LEFT:
            return f" to the build: {result.reason}"
        case Status.REUSED | Status.BLOCKED | Status.SKIPPED:
            return f", {result.reason}" if result.reason else ""


def after(result: Result) -> str:
    """Say how long a failed step took and where its output is."""
    log = f" (log: {result.log})" if result.log else ""
    return f" after {duration(result.seconds)}{log}"


def clean(text: str) -> str:
    """Return foreign text as one line that a terminal only shows: no escapes, no control characters."""
    plain = _ESCAPES.sub("", text)
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in plain)


def duration(seconds: float) -> str:
    """Write a duration as people say it: `41s`, `3m12s`, `1h05m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def size(count: int) -> str:
    """Write a number of bytes in decimal units, as engines do: `402 MB`, `1.2 GB`."""
    if count >= 999_500_000:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 9_950_000 else f"{count / 1e6:.1f} MB"
