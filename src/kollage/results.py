"""What happened, as values: one result per step, never edited."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Status(StrEnum):
    """How a step ended."""

    BUILT = "built"
    REUSED = "reused"
    PULLED = "pulled"
    PUSHED = "pushed"
    SKIPPED = "skipped"  # the user asked to leave it as it is
    FAILED = "failed"
    BLOCKED = "blocked"  # something it needs failed
    VERIFIED = "verified"
    FETCHED = "fetched"  # sources, ahead of the build
    LEFT = "left"  # to the build that it was a favour to: it tries again, and tells
    STARTED = "started"  # a service that others need beside them
    CANCELLED = "cancelled"  # the user interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong with an image.

    `subject` is what it is about, such as a path or a command, as `[verify.exceptions]` of image.toml names it.
    """

    check: str  # such as prover.libraries
    subject: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The end of one step."""

    step: str  # the step's id, such as "build:keystone"
    image: str
    status: Status
    reason: str = ""  # why it was built or reused, or what went wrong
    seconds: float = 0.0
    size: int = 0  # bytes of the image with its parents; 0 where unknown
    reference: str = ""  # the image's full name
    log: Path | None = None
    tail: tuple[str, ...] = ()  # the last lines of a failed step
    findings: tuple[Finding, ...] = ()  # of a verification
    excepted: int = 0  # findings that the catalogue gives a reason for
    command: str = ""  # what repeats a failed step, ready to paste

    @property
    def ok(self) -> bool:
        """Whether what the step promised is there now."""
        return self.status not in {Status.FAILED, Status.BLOCKED, Status.CANCELLED}
