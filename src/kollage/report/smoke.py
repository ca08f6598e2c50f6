"""How a smoke test reads: a line as each step ends, a table, plain data, and JUnit XML."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from kollage.errors import ExitCode
from kollage.report.events import clean
from kollage.report.junit import Case, document
from kollage.report.sheet import STYLES, Row, Table, joined, written

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a step of a smoke test ended."""

    step: str
    status: str  # passed, failed or skipped
    seconds: float = 0.0
    detail: str = ""  # what was seen, or why it was skipped
    asked: str = ""  # of a failure: what was asked for
    answered: str = ""  # and what came back
    hint: str = ""
    tail: tuple[str, ...] = ()  # lines of a console
    logs: tuple[str, ...] = ()  # the commands that show what the services say


def line(outcome: Outcome) -> str:
    """Say how a step ended: `image: passed in 2.1s, …`."""
    how = f" in {outcome.seconds:.1f}s" if outcome.status != SKIPPED else ""
    what = outcome.detail or outcome.answered.partition("\n")[0]
    return clean(f"{outcome.step}: {outcome.status}{how}{', ' if what else ''}{what}") + "\n"


def text(outcomes: Sequence[Outcome], *, terminal: bool = False) -> str:
    """Write a table of the steps, their sum, and each failure with what to look at."""
    cells = tuple((o.step, o.status, _seconds(o), o.detail or o.answered.partition("\n")[0]) for o in outcomes)
    blocks: list[Table | Row] = [[], Table(("step", "result", "time", "detail"), cells), [], _totals(outcomes)]
    for outcome in outcomes:
        if outcome.status == FAILED:
            blocks += [[], *_failure(outcome)]
    return written(blocks, terminal=terminal)


def to_json(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The same as plain data."""
    counts = {status: sum(o.status == status for o in outcomes) for status in (PASSED, FAILED, SKIPPED)}
    steps = [{**asdict(outcome), "seconds": round(outcome.seconds, 3)} for outcome in outcomes]
    return {"steps": steps, "counts": counts, "seconds": round(_sum(outcomes), 3), "exit_code": exit_code(outcomes)}


def junit(outcomes: Sequence[Outcome]) -> str:
    """Write one suite with a case for each step."""
    return document("kollage smoke", [_case(outcome) for outcome in outcomes])


def _case(outcome: Outcome) -> Case:
    return Case(
        group="kollage.smoke",
        name=outcome.step,
        seconds=outcome.seconds,
        failure=f"{outcome.asked}: {outcome.answered}" if outcome.status == FAILED else "",
        lines=(*outcome.tail, *outcome.logs),
        skipped=(outcome.detail or SKIPPED) if outcome.status == SKIPPED else "",
    )


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """What the process answers."""
    return int(ExitCode.FAILED if any(o.status == FAILED for o in outcomes) else ExitCode.OK)


def _failure(outcome: Outcome) -> Iterator[Row]:
    yield [(clean(f"{outcome.step} failed"), STYLES["failed"]), (f" after {outcome.seconds:.1f}s", "")]
    if outcome.asked:
        yield [(clean(f"  asked: {outcome.asked}"), "")]
    for number, said in enumerate(outcome.answered.splitlines()):
        yield [(f"  {'        ' if number else 'answer: '}{clean(said)}", "")]
    yield from ([(f"    {clean(said)}", "dim")] for said in outcome.tail)
    if outcome.hint:
        yield [(clean(f"  hint: {outcome.hint}"), "")]
    yield from ([(f"  look at: {clean(command)}", "bold")] for command in outcome.logs)


def _totals(outcomes: Sequence[Outcome]) -> Row:
    counts = [(status, sum(o.status == status for o in outcomes)) for status in (PASSED, FAILED, SKIPPED)]
    parts = [(f"{count} {status}", STYLES[status]) for status, count in counts if count]
    return [*joined(parts or [("nothing to do", "")]), (f" in {_sum(outcomes):.1f}s", "")]


def _seconds(outcome: Outcome) -> str:
    return f"{outcome.seconds:.1f}s" if outcome.status != SKIPPED else ""


def _sum(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.seconds for outcome in outcomes)
