"""Proof that an image has what it needs: checks on its root file system, and on the service while it runs.

A check is a function from a `Subject` to findings; none is the answer of a good image. Static checks
(`contract`, `prover`, `hygiene`) read the root file system and start no service; `alive` starts it.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from kollage.process import OnLine, meanwhile
from kollage.verify.exceptions import is_excepted
from kollage.verify.subject import Check, Entry, Finding, Runner, Subject

__all__ = ["Check", "Entry", "Finding", "Runner", "Subject", "is_excepted", "static_findings"]


def static_findings(subject: Subject, on_line: OnLine) -> list[Finding]:
    """What every check finds that starts no service. The image's own programs run while its files are looked at."""
    from kollage.verify import contract, hygiene, prover

    prover.environments(subject)  # read once, before both need it
    with ExitStack() as stack:
        # what takes longest comes first: the rest is done meanwhile
        asking = (*prover.ASKING, *contract.ASKING)
        asked = [stack.enter_context(meanwhile(partial(_findings, [each], subject, on_line))) for each in asking]
        found = _findings((*contract.CHECKS, *prover.CHECKS, *hygiene.CHECKS), subject, on_line)
        return [*found, *(finding for answer in asked for finding in answer())]


def _findings(checks: Sequence[Check], subject: Subject, on_line: OnLine) -> list[Finding]:
    found: list[Finding] = []
    for check in checks:
        began = time.monotonic()
        found += check(subject)
        on_line(f"{check.__module__}.{check.__name__}: {time.monotonic() - began:.2f} s")
    return found
