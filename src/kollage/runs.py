"""What earlier runs did: a table of them, or one at length."""

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from kollage import history, report, workspace
from kollage.errors import ExitCode, UsageError
from kollage.history import LAST, History, Run
from kollage.options import Options
from kollage.output import write
from kollage.report import past

_HINT = "write `kollage runs`, `kollage runs show 7` or `kollage runs show last`"


def run(options: Options, stream: TextIO) -> int:
    """Tell what was asked for. Raises `UsageError`."""
    number = _number(options.run_words)
    with history.opened(options.cache_dir) as known:
        runs = known.runs() if number is None else (_one(known, number),)
        steps = () if number is None else known.steps(runs[0].number)
    alive = {each.number for each in runs if _goes_on(each)}
    terminal = report.is_terminal(stream)
    if number is None and options.format == "json":
        text = report.json_text(past.runs_json(runs, alive))
    elif number is None:
        text = past.runs_text(runs, alive, terminal=terminal)
    elif options.format == "json":
        text = report.json_text(past.run_json(runs[0], steps, alive))
    else:
        text = past.run_text(runs[0], steps, alive, terminal=terminal)
    write(text, stream)
    return ExitCode.OK


def _number(words: Sequence[str]) -> int | None:
    """The run that is to be shown; None for a table of all."""
    match list(words):
        case []:
            return None
        case ["show", "last"]:
            return LAST
        case ["show", number] if number.isascii() and number.isdecimal() and int(number) > 0:
            return int(number)
        case ["show"]:
            raise UsageError("nothing says which run to show", hint=_HINT)
    raise UsageError(f"'{' '.join(words)}' is not something that can be told of runs", hint=_HINT)


def _one(known: History, number: int) -> Run:
    found = known.run(number)
    if found:
        return found
    if number == LAST:
        raise UsageError("no run is remembered", hint="there is one after a build, a push or a verification")
    raise UsageError(f"run {number} is not remembered", hint="`kollage runs` lists those that are")


def _goes_on(each: Run) -> bool:
    return not each.ended and bool(each.folder) and workspace.goes_on(Path(each.folder))
