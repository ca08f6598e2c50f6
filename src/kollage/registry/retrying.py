"""Patience with what passes: a registry that is busy or being restarted."""

from collections.abc import Callable
from typing import TypeVar

from kollage import process
from kollage.errors import RegistryError

_LONGEST_PAUSE = 60.0  # seconds, whatever a registry asks for

Got = TypeVar("Got")


def with_retries(attempt: Callable[[], Got], attempts: int, pause: Callable[[float], None] = process.pause) -> Got:
    """Try up to so many times what fails with a transient `RegistryError`, after growing pauses."""
    for number in range(1, attempts):
        try:
            return attempt()
        except RegistryError as error:
            if not error.transient:
                raise
            pause(min(max(2.0**number, error.pause), _LONGEST_PAUSE))
    return attempt()
