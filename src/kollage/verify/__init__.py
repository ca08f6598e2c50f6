"""Proof that an image has what it needs: checks on its root file system, and on the service while it runs.

A check is a function from a `Subject` to findings; none is the answer of a good image. Static checks
(`contract`, `prover`, `hygiene`) read the root file system and start no service; `alive` starts it.
"""

from kollage.verify.exceptions import is_excepted
from kollage.verify.subject import Check, Entry, Finding, Runner, Subject

__all__ = ["Check", "Entry", "Finding", "Runner", "Subject", "is_excepted", "static_checks"]


def static_checks() -> tuple[Check, ...]:
    """Every check that starts no service."""
    from kollage.verify import contract, hygiene, prover

    return (*contract.CHECKS, *prover.CHECKS, *hygiene.CHECKS)
