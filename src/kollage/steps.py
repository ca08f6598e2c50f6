"""The steps of a plan, as values: what is to be done for an image, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kollage.results import Result, Status


class Action(StrEnum):
    """What a step does when its turn comes."""

    BOOTSTRAP = "bootstrap"  # make the base's root file system from the package archive
    BUILD = "build"
    REUSE = "reuse"  # the store has it; give it the wanted name
    PUBLISHED = "published"  # the registry has it, and nothing here needs it
    SKIP = "skip"  # the user wants it left as it is
    PULL = "pull"  # the registry has it, and it is needed here
    PUSH = "push"
    FETCH = "fetch"  # sources, ahead of the build that needs them
    START = "start"  # a service that others need beside them
    VERIFY = "verify"
    PASSED = "passed"  # it was verified before, and nothing has changed since


class Lane(StrEnum):
    """What a step waits its turn for: there is a number of slots for each."""

    BUILD = "build"
    PUSH = "push"
    VERIFY = "verify"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why, in words for the user."""

    action: Action
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do for one image."""

    id: str  # such as build:keystone
    image: str
    decision: Decision
    identity: str  # the fingerprint of what will be there afterwards
    reference: str  # the full name that the image gets
    found: str = ""  # the id of the image to reuse
    origin: str = ""  # where a registry has just this image: a repository and a digest
    needs: tuple[str, ...] = ()
    priority: float = 0.0  # seconds of the longest path that begins here; the larger goes first
    lane: Lane = Lane.BUILD

    @property
    def log_name(self) -> str:
        """The file that its output goes to: an image may have a step of each kind."""
        kind = self.id.partition(":")[0]
        return f"{self.image}.log" if self.lane is Lane.BUILD else f"{self.image}.{kind}.log"

    def ended(self, status: Status, seconds: float = 0.0, log: Path | None = None) -> Result:
        """The result of this step, which ended well."""
        return Result(
            step=self.id,
            image=self.image,
            status=status,
            reason=self.decision.reason,
            seconds=seconds,
            reference=self.reference,
            log=log,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All steps, each after what it needs."""

    steps: Mapping[str, Step]
