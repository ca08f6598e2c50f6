"""What earlier runs did, and what an image is made of and why: as text and as plain data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from kollage.history import Made, Run, RunStep
from kollage.report.events import clean, duration, size
from kollage.report.sheet import STYLES, Row, Table, written
from kollage.results import Status

_ROOM = 100  # letters of a command


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different in an image, or in one that it stands on."""

    image: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What is done about an image and why, and what it is made of."""

    image: str
    action: str
    reason: str
    identity: str
    reference: str
    parent: str
    parent_identity: str
    sources: tuple[str, ...]
    files: int
    causes: tuple[Difference, ...]  # the image itself, then its parents down to where it began
    built: Made | None  # when this very image was built here


# --- runs ---


def runs_text(runs: Sequence[Run], alive: Collection[int], *, terminal: bool = False) -> str:
    """Write a table of runs, the newest first. `alive` are those that go on."""
    if not runs:
        return "no run is remembered\n"
    titles = ("run", "when", "time", "exit", "steps", "command")
    cells = tuple(
        (str(run.number), _when(run.begun), _time(run), _end(run, alive), _counts(run.counts), _short(run.command))
        for run in runs
    )
    return written([Table(titles, cells)], terminal=terminal)


def runs_json(runs: Sequence[Run], alive: Collection[int]) -> dict[str, object]:
    """Return runs as plain data."""
    return {"runs": [_run_json(run, alive) for run in runs]}


def run_text(run: Run, steps: Sequence[RunStep], alive: Collection[int], *, terminal: bool = False) -> str:
    """Write one run at length: its steps, and how the last failure ended."""
    head = [
        f"run {run.number}: {run.command}",
        f"{_when(run.begun)}, {f'exit {_end(run, alive)} after {_time(run)}' if run.ended else _end(run, alive)}",
        *([f"logs: {run.logs}"] if run.logs else []),
    ]
    table = Table(("step", "result", "time", "size", "reason"), tuple(map(_step_cells, steps)))
    blocks: list[Table | Row] = [[(clean(line), "")] for line in head]
    blocks += [[], table] if steps else []
    return written([*blocks, *_failure(steps)], terminal=terminal)


def run_json(run: Run, steps: Sequence[RunStep], alive: Collection[int]) -> dict[str, object]:
    """Return one run as plain data."""
    return {**_run_json(run, alive), "steps": [asdict(step) for step in steps]}


def _run_json(run: Run, alive: Collection[int]) -> dict[str, object]:
    facts = asdict(run)
    del facts["folder"]  # it is gone with the run
    return {**facts, "ended": run.ended or None, "running": run.number in alive, "seconds": round(run.seconds, 3)}


def _when(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S UTC")


def _short(command: str) -> str:
    """A command as far as a table has room for it; the whole is told of one run."""
    return command if len(command) <= _ROOM else f"{command[:_ROOM]}…"


def _time(run: Run) -> str:
    return duration(run.seconds) if run.ended else ""


def _end(run: Run, alive: Collection[int]) -> str:
    if not run.ended:
        return "goes on" if run.number in alive else "did not end"
    return str(run.exit_code)


def _counts(counts: Mapping[str, int]) -> str:
    known = [status.value for status in Status]
    return ", ".join(f"{counts[status]} {status}" for status in known if counts.get(status))


def _step_cells(step: RunStep) -> tuple[str, ...]:
    time = duration(step.seconds) if step.seconds else ""
    return step.step, step.status, time, size(step.size) if step.size else "", step.reason.split("\n")[0]


def _failure(steps: Sequence[RunStep]) -> list[Table | Row]:
    failed = next((step for step in reversed(steps) if step.status == Status.FAILED.value), None)
    if not failed:
        return []
    log = f" (log: {failed.log})" if failed.log else ""
    lines = [*failed.reason.split("\n"), *failed.tail]
    return [
        [],
        [(clean(f"{failed.step} failed after {duration(failed.seconds)}{log}"), STYLES["failed"])],
        *([(f"  {clean(line)}", "")] for line in lines if line),
    ]


# --- one image ---


def why_text(why: Why, *, terminal: bool = False) -> str:
    """Write what is done about an image, each thing that is different, and what it is made of."""
    reason = "" if why.causes else f", {why.reason}"
    head: Row = [(clean(f"{why.image}: "), ""), (why.action, STYLES.get(why.action, "")), (clean(reason), "")]
    causes: list[Row] = [row for cause in why.causes for row in _cause(cause)]
    facts = [(name, value) for name, value in _facts(why) if value]
    width = max((len(name) for name, _ in facts), default=0)
    rows: list[Row] = [[(clean(f"{name:{width}}  {value}").rstrip(), "")] for name, value in facts]
    return written([head, *([[], *causes] if causes else []), [], *rows], terminal=terminal)


def why_json(why: Why) -> dict[str, object]:
    """Return the same as plain data."""
    return asdict(why)


def _cause(cause: Difference) -> list[Row]:
    return [[(f"in {clean(cause.image)}", "bold")], *([(f"  {clean(line)}", "")] for line in cause.differences)]


def _facts(why: Why) -> list[tuple[str, str]]:
    made = why.built
    return [
        ("identity", why.identity),
        ("image", why.reference),
        ("stands on", f"{why.parent} {why.parent_identity}".strip()),
        *(("source", source) for source in why.sources),
        ("files", str(why.files) if why.files else ""),
        ("built", f"{_when(made.at)} in {duration(made.seconds)} by run {made.run}" if made else ""),
        ("size", size(made.size) if made and made.size else ""),
    ]
