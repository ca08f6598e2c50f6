"""What may pass is tried again after pauses that grow; what will not change is told at once."""

import pytest

from kollage.errors import RegistryError, UsageError
from kollage.registry import with_retries


def busy(pause: float = 0.0) -> RegistryError:
    return RegistryError("busy", transient=True, pause=pause)


class Attempts:
    """Fails with one error after the other, then gives their number."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.made = 0
        self.pauses: list[float] = []

    def __call__(self) -> int:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.made

    def tried(self, attempts: int) -> int:
        return with_retries(self, attempts, self.pauses.append)


def test_what_passes_is_tried_again_after_growing_pauses() -> None:
    attempts = Attempts(busy(), busy(), busy())
    assert attempts.tried(4) == 4
    assert attempts.pauses == [2.0, 4.0, 8.0]


def test_what_a_registry_asks_for_is_given_up_to_a_bound() -> None:
    attempts = Attempts(busy(30.0), busy(3.0), busy(86_400.0))
    assert attempts.tried(4) == 4
    assert attempts.pauses == [30.0, 4.0, 60.0]


def test_after_the_last_attempt_the_failure_is_told() -> None:
    attempts = Attempts(busy(), RegistryError("still busy", transient=True), busy())
    with pytest.raises(RegistryError, match="still busy"):
        attempts.tried(2)
    assert (attempts.made, attempts.pauses) == (2, [2.0])


@pytest.mark.parametrize("error", [RegistryError("no"), UsageError("a broken file")])
def test_what_will_not_change_is_told_at_once(error: Exception) -> None:
    attempts = Attempts(error)
    with pytest.raises(type(error), match=str(error)):
        attempts.tried(4)
    assert (attempts.made, attempts.pauses) == (1, [])


def test_one_attempt_is_made_however_few_are_allowed() -> None:
    assert Attempts().tried(0) == 1
