"""A run notes itself while it goes: that it began, each step as it ends, and its end.

So one that is killed is remembered as far as it came.
"""

import dataclasses
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from kollage import history
from kollage.addresses import public
from kollage.errors import KollageError
from kollage.history import History, RunStep
from kollage.options import Options
from kollage.options.commandline import settled
from kollage.options.setting import Kind
from kollage.options.verbs import Verb, verb_named
from kollage.report.events import Listener
from kollage.results import Result, Status
from kollage.steps import Plan, Step

GoesIn = Callable[[str], Mapping[str, object] | None]  # what an image was built from, by its name

_HIDDEN = "***"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The record of a run that goes on."""

    known: History
    run: int
    target: str
    plan: Plan
    made_of: GoesIn
    began: float

    def works_in(self, *, logs: Path, folder: Path) -> None:
        """Note where the run works."""
        self.known.works_in(self.run, logs=logs, folder=folder)

    def heard_by(self, listener: Listener) -> Listener:
        """A listener that notes what it hears, and passes it on."""
        return _Noting(self, listener)

    def step(self, result: Result) -> None:
        """Note how a step ended, and what an image was built from."""
        self._note(result)
        step = self.plan.steps[result.step]
        inputs = self.made_of(step.image) if result.status is Status.BUILT else None
        if inputs:
            self.known.remember(step.image, step.identity, step.reference, inputs)

    def ended(self, results: Sequence[Result], code: int) -> None:
        """Note the end. `results` are all of them, with what was found out at last: sizes, and what did not begin."""
        for result in results:
            self._note(result)
        self.known.end(self.run, exit_code=code, seconds=time.monotonic() - self.began)

    def _note(self, result: Result) -> None:
        self.known.step(self.run, self.target, _row(self.plan.steps[result.step], result))


@contextmanager
def opened(options: Options, argv: Sequence[str], plan: Plan, made_of: GoesIn, began: float) -> Iterator[Record]:
    """Note that a run begins, and by which error it ends; `began` is its beginning on the monotonic clock."""
    with history.opened(options.cache_dir, create=True) as known:
        run = known.begin(spoken(options.verb, argv))
        record = Record(known=known, run=run, target=history.target(options), plan=plan, made_of=made_of, began=began)
        try:
            yield record
        except KollageError as error:
            record.ended((), error.exit_code)
            raise


def spoken(verb: str, argv: Sequence[str]) -> str:
    """The command line as it may be kept: without the values of build arguments, and passwords in addresses."""
    chosen = verb_named(verb)
    return shlex.join([*chosen.program.split(), *(public(word) for word in _without_pairs(chosen, argv))])


def _without_pairs(verb: Verb, argv: Sequence[str]) -> Iterator[str]:
    pairs = {flag for setting in verb.flags if setting.kind is Kind.PAIRS for flag in setting.flags}
    before = ""
    for word in settled(verb, argv):
        flag, equal, _ = word.partition("=")
        hidden = f"{flag}={_HIDDEN}" if flag in pairs and equal else word
        yield _HIDDEN if before in pairs else hidden
        before = word


class _Noting:
    """A listener before another one. Results are told by the thread that began the run, as the store wants it."""

    def __init__(self, record: Record, listener: Listener) -> None:
        self._record = record
        self._listener = listener

    def begun(self, step: str, image: str, log: Path | None) -> None:
        """Pass it on."""
        self._listener.begun(step, image, log)

    def line(self, step: str, text: str) -> None:
        """Pass it on."""
        self._listener.line(step, text)

    def ended(self, result: Result) -> None:
        """Note it, and pass it on."""
        self._record.step(result)
        self._listener.ended(result)

    def closed(self) -> None:
        """Pass it on."""
        self._listener.closed()


def _row(step: Step, result: Result) -> RunStep:
    return RunStep(
        step=step.id,
        image=step.image,
        action=step.decision.action.value,
        status=result.status.value,
        reason=result.reason,
        seconds=result.seconds,
        size=result.size,
        log=str(result.log or ""),
        tail=result.tail,
        identity=step.identity,
    )
