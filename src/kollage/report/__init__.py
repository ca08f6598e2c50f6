"""Show what happens and what happened: a board on a terminal, plain lines elsewhere, JSON on request.

Texts are returned, not printed. With `terminal=True` they carry colours, unless NO_COLOR is set, and tables
are cut to its width; elsewhere they are plain, whole and aligned.
"""

import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kollage.errors import ExitCode, KollageError
from kollage.output import write
from kollage.report.events import (
    Begun,
    Listener,
    after,
    begun_text,
    clean,
    duration,
    ended_text,
    is_ahead,
    outcome,
    size,
)
from kollage.report.sheet import STYLES, Row, Table, dockerfile, joined, visible, written
from kollage.results import Result, Status

if TYPE_CHECKING:
    from kollage.options import Options  # brings oslo.config: too heavy for a list of images


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What will be done about one step, and why."""

    step: str
    image: str
    action: str
    reason: str
    seconds_last: float | None = None  # that it took when it was last done
    seconds_estimate: float | None = None  # that it is expected to take; None where nothing is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of a plan as a whole."""

    seconds: float  # until all has ended, with as many steps at once as there may be
    work: float  # seconds of all steps together
    size: int  # bytes that the images to build add to the store, as far as that is known
    unknown: int  # images to build of which it is not known


# --- while it runs ---


@contextmanager
def listener(options: "Options", *, total: int, stream: TextIO, terminal: bool | None = None) -> Iterator[Listener]:
    """Give the listener that fits: a board on a terminal, lines elsewhere, silence for quiet and JSON.

    `total` is the number of steps of the plan. The board leaves nothing behind, whatever ends the context.
    """
    if options.quiet or (options.format != "text" and options.verb != "kolla-build"):
        yield Silent()
    elif is_terminal(stream) if terminal is None else terminal:
        from kollage.report import board

        with board.shown(total=total, stream=stream, debug=options.debug) as shown:
            yield shown
    else:
        yield Lines(stream, debug=options.debug)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream leads to a terminal that has colours, a cursor and Unicode."""
    return (
        stream.isatty()
        and os.environ.get("TERM") not in {"dumb", "unknown"}
        and (stream.encoding or "").lower().startswith("utf")
    )


class Silent:
    """The listener that says nothing."""

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Say nothing."""

    def line(self, step: str, text: str) -> None:
        """Say nothing."""

    def ended(self, result: Result) -> None:
        """Say nothing."""

    def closed(self) -> None:
        """Say nothing."""


class Lines:
    """The listener that writes when a step begins and ends, and with `debug` each line that it prints.

    Each line is one write, so lines of several threads stay whole.
    """

    def __init__(self, stream: TextIO, *, debug: bool = False) -> None:
        self._stream = stream
        self._debug = debug
        self._images: dict[str, str] = {}

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Write what begins."""
        self._images[step] = image
        write(begun_text(Begun(step=step, image=image, log=log)) + "\n", self._stream)

    def line(self, step: str, text: str) -> None:
        """Write the line behind its image's name, if that much is wanted."""
        if self._debug:
            write(clean(f"{self._images.get(step, step)} | {text}").rstrip() + "\n", self._stream)

    def ended(self, result: Result) -> None:
        """Write how it ended."""
        write(ended_text(result) + "\n", self._stream)

    def closed(self) -> None:
        """Leave the stream as it is."""


# --- at the end ---


def conclude(
    results: Sequence[Result],
    options: "Options",
    *,
    stream: TextIO,
    terminal: bool | None = None,
    elapsed: float | None = None,
) -> ExitCode:
    """Write what happened as text or JSON and return the exit code that says the same."""
    if options.format == "json" and options.verb != "kolla-build":  # which has said that in Kolla's words
        write(json_text(to_json(results, options.allowed_to_fail)), stream)
    elif options.summary and (options.format != "none" or options.verb == "kolla-build"):
        shown = is_terminal(stream) if terminal is None else terminal
        write(summary(results, options, elapsed=elapsed, terminal=shown), stream)
    return exit_code(results, options.allowed_to_fail)


def kolla_summary_text(results: Sequence[Result], *, indent: int | None, **about: Any) -> str:
    """Write what happened with Kolla's keys; without an indent as one line. See `kollage.report.kolla.summary`."""
    from kollage.report import kolla

    return json.dumps(kolla.summary(results, **about), indent=indent) + "\n"


def junit_text(results: Sequence[Result]) -> str:
    """Write the verifications as JUnit XML. See `kollage.report.junit`."""
    from kollage.report import junit

    return junit.text(results)


def summary(
    results: Sequence[Result], options: "Options", *, elapsed: float | None = None, terminal: bool = False
) -> str:
    """Say what happened: a table in the order of the ends, totals, then each failure with its way out.

    With quiet the table is left out. `elapsed` is the time of the whole run in seconds.
    """
    results = [result for result in results if not is_ahead(result)]
    blocks: list[Table | Row] = [] if options.quiet or not results else [[], _results_table(results), []]
    blocks.append(_totals(results, elapsed))
    for result in results:
        if result.status is Status.FAILED:
            blocks += [[], *_failure(result)]
    blocked = _blocked(results)
    return written([*blocks, *([[], *blocked] if blocked else [])], terminal=terminal)


def exit_code(results: Sequence[Result], allowed_to_fail: Collection[str] = ()) -> ExitCode:
    """Return what the process answers: an interrupt outweighs failures; all but what may fail has to be there."""
    if any(result.status is Status.CANCELLED for result in results):
        return ExitCode.INTERRUPTED
    missing = [result for result in results if not result.ok and result.image not in allowed_to_fail]
    return ExitCode.FAILED if missing else ExitCode.OK


def to_json(results: Sequence[Result], allowed_to_fail: Collection[str] = ()) -> dict[str, object]:
    """Return the whole outcome as plain data, results in the order of their ends."""
    return {
        "results": [_result_json(result) for result in results],
        "counts": _counts(results),
        "exit_code": int(exit_code(results, allowed_to_fail)),
    }


def json_text(value: object) -> str:
    """Write plain data as one JSON document, the same for the same data."""
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def error_text(error: KollageError) -> str:
    """Write an error as a sentence and the way out; what would steer a terminal appears as its code."""
    hint = f"hint: {visible(error.hint)}\n" if error.hint else ""
    return f"error: {visible(error.message)}\n{hint}"


def _result_json(result: Result) -> dict[str, object]:
    return {
        "step": result.step,
        "image": result.image,
        "status": result.status.value,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
        "size": result.size,
        "reference": result.reference,
        "log": str(result.log) if result.log else None,
        "command": result.command,
        "findings": [asdict(finding) for finding in result.findings],
        "excepted": result.excepted,
    }


def _results_table(results: Sequence[Result]) -> Table:
    return Table(("image", "result", "time", "size", "reason"), tuple(map(_result_cells, results)))


def _result_cells(result: Result) -> tuple[str, ...]:
    time = duration(result.seconds) if result.seconds else ""
    return result.image, outcome(result), time, size(result.size) if result.size else "", _why(result)[0]


def _counts(results: Sequence[Result]) -> dict[str, int]:
    return {status.value: sum(result.status is status for result in results) for status in Status}


def _totals(results: Sequence[Result], elapsed: float | None) -> Row:
    counts = [(f"{count} {word}", STYLES[word]) for word, count in _counts(results).items() if count]
    time = "" if elapsed is None else f" in {duration(elapsed)}"
    return [*joined(counts or [("nothing to do", "")]), (time, "")]


def _failure(result: Result) -> Iterator[Row]:
    yield [(clean(f"{result.image} {outcome(result)}"), STYLES["failed"]), (clean(after(result)), "")]
    told = {clean(line).strip() for line in result.tail}
    yield from ([(f"  {line}", "")] for line in _why(result) if line and line.strip() not in told)
    yield from ([(f"    {clean(line).rstrip()}", "dim")] for line in result.tail)
    if result.command:
        yield [("  repeat it with:", "")]
        yield from ([(f"    {clean(line)}", "bold")] for line in result.command.split("\n"))


def _why(result: Result) -> list[str]:
    """Return the lines of a reason; a command that is shown in full below is not spelt out in it."""
    reason = result.reason.replace(result.command, "the command") if result.command else result.reason
    return [clean(line).rstrip() for line in reason.split("\n")]


def _blocked(results: Sequence[Result]) -> list[Row]:
    images: dict[str, list[str]] = {}
    for result in results:
        if result.status is Status.BLOCKED:
            images.setdefault(clean(result.reason), []).append(clean(result.image))
    return [
        [(f"{len(names)} blocked", STYLES["blocked"]), (f" ({reason}): {', '.join(names)}", "")]
        for reason, names in images.items()
    ]


# --- before it runs ---


def plan_text(rows: Sequence[PlanRow], outlook: Outlook | None = None, *, terminal: bool = False) -> str:
    """Write a plan as a table of steps, what will be done and why, and what that amounts to."""
    table = Table(("step", "action", "last", "why"), tuple(map(_plan_cells, rows)))
    blocks: list[Table | Row] = [table, []] if rows else []
    return written([*blocks, _plan_totals(rows, outlook)], terminal=terminal)


def plan_json(rows: Sequence[PlanRow], outlook: Outlook | None = None) -> dict[str, object]:
    """Return a plan as plain data."""
    expected = asdict(outlook) if outlook else None
    counts = dict(Counter(row.action for row in rows))
    return {"steps": [asdict(row) for row in rows], "counts": counts, "expected": expected}


def list_text(names: Sequence[str], unsupported: Mapping[str, str] | None = None) -> str:
    """Write images one a line, then those that are not supported, each with the reason."""
    absent = [f"{name} (not supported: {reason})" for name, reason in sorted((unsupported or {}).items())]
    return "".join(clean(line) + "\n" for line in (*names, *absent))


def list_json(names: Sequence[str], unsupported: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return a list of images as plain data."""
    return {"images": list(names), "unsupported": dict(unsupported or {})}


def tree_text(
    parents: Mapping[str, str | None],
    unsupported: Mapping[str, str] | None = None,
    *,
    terminal: bool = False,
) -> str:
    """Write images below their parents, siblings by name; those not supported carry the reason.

    An image whose parent is not among `parents` stands as a root.
    """
    notes = {name: f" (not supported: {reason})" for name, reason in (unsupported or {}).items()}
    children: dict[str, list[str]] = {}
    for name, parent in sorted(parents.items()):
        children.setdefault(parent if parent in parents and parent else "", []).append(name)
    names = [
        line
        for root in children.get("", ())
        for line in (root + notes.get(root, ""), *_branches(children, root, notes, drawn=terminal))
    ]
    elsewhere = [name + notes[name] for name in sorted(notes) if name not in parents]
    return "".join(f"{clean(line)}\n" for line in (*names, *elsewhere))


def tree_json(parents: Mapping[str, str | None], unsupported: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return parents by image as plain data."""
    return {"parents": dict(parents), "unsupported": dict(unsupported or {})}


def dockerfile_text(text: str, *, terminal: bool = False) -> str:
    """Return a Dockerfile as it is, or coloured on a terminal."""
    return dockerfile(text) if terminal else text


def _plan_cells(row: PlanRow) -> tuple[str, ...]:
    last = "" if row.seconds_last is None else duration(row.seconds_last)
    return row.step, row.action, last, row.reason


def _plan_totals(rows: Sequence[PlanRow], outlook: Outlook | None) -> Row:
    counts = Counter(row.action for row in rows)
    total = [(f"{count} to {word}", STYLES.get(word, "")) for word, count in counts.items()]
    return [*joined(total or [("nothing to do", "")]), (_outlook(outlook) if outlook and outlook.work else "", "")]


def _outlook(outlook: Outlook) -> str:
    """Say what is expected: `, in about 3m12s (5m40s of work), 402 MB`."""
    unknown = f"{outlook.unknown} image{'s' if outlook.unknown > 1 else ''} of unknown size" if outlook.unknown else ""
    known = f"about {size(outlook.size)}" if outlook.size else ""
    bytes_ = " and ".join(part for part in (known, unknown) if part)
    time = f", in about {duration(outlook.seconds)} ({duration(outlook.work)} of work)"
    return time + (f", {bytes_}" if bytes_ else "")


def _branches(
    children: Mapping[str, Sequence[str]],
    parent: str,
    notes: Mapping[str, str],
    *,
    drawn: bool,
    before: str = "",
) -> Iterator[str]:
    names = children.get(parent, ())
    for name in names:
        last = name is names[-1]
        yield before + (("└── " if last else "├── ") if drawn else "  ") + name + notes.get(name, "")
        below = before + (("    " if last else "│   ") if drawn else "  ")
        yield from _branches(children, name, notes, drawn=drawn, before=below)
